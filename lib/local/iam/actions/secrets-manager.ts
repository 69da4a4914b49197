import type { Mapping } from '../mapping.ts';
import { refuseInJson } from '../refusals.ts';
import { inputOf, operationOf } from './json-operation.ts';

/**
 * Secrets are known by the whole ARN; the message repeats what was asked for.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
 */
export const secretsManagerActions = (secretArn: (id: string) => string): Mapping => ({
  checks(request) {
    const action = operationOf(request);
    if (!ACTIONS.includes(action)) return undefined;
    const input = inputOf(request);
    if (!input) return [];
    const check = { action: `secretsmanager:${action}` };
    if (action === 'ListSecrets') return [{ ...check, resource: '*', shown: undefined }];
    const shown = String(input.SecretId ?? input.Name);
    return [{ ...check, resource: secretArn(shown), shown }];
  },
  refuse: refuseInJson,
});

const ACTIONS = ['GetSecretValue', 'DescribeSecret', 'ListSecrets', 'CreateSecret', 'PutSecretValue', 'UpdateSecret'];
