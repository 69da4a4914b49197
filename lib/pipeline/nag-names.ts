import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** How cdk-nag writes what is known when synthesizing, and what is only known when it is deployed. */
export const nagName = (text: string, pseudo: 'Partition' | 'Region' | 'AccountId'): string =>
  Token.isUnresolved(text) ? `<AWS::${pseudo}>` : text;

/** How it writes an ARN of the stack's own place, or of another one. */
export const nagArn = (
  scope: Construct,
  service: string,
  rest: string,
  place: { region: string; account: string } = Stack.of(scope),
): string =>
  `arn:${nagName(Stack.of(scope).partition, 'Partition')}:${service}:${nagName(place.region, 'Region')}:${nagName(place.account, 'AccountId')}:${rest}`;
