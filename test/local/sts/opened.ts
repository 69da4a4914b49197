import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { onTestFinished } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { openCloud } from '../../../lib/local/cloud.ts';
import type { AccessKey } from '../../../lib/local/sts/credentials.ts';
import { temporary } from '../cloud-harness.ts';

export const APPROVER = 'arn:aws:iam::000000000000:role/Approver';
export const ANNA = 'arn:aws:iam::000000000000:user/anna';
export const allow = (Action: string, Resource = '*', more: object = {}) => ({
  Effect: 'Allow' as const,
  Action,
  Resource,
  ...more,
});
export const deny = (Action: string) => ({ ...allow(Action), Effect: 'Deny' as const });

/** A local cloud, and how somebody talks to its STS. */
export const opened = async () => {
  const clock = virtualClock(new Date());
  const cloud = await openCloud({ directory: temporary(), clock });
  onTestFinished(() => cloud.stop());
  const settings = (credentials: AccessKey) => ({
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  const assume = async (as: AccessKey, more: Partial<AssumeRoleCommandInput> = {}) => {
    const input = { RoleArn: APPROVER, RoleSessionName: 'anna@example.com', ...more };
    const { Credentials: given, AssumedRoleUser: who } = await new STSClient(settings(as)).send(
      new AssumeRoleCommand(input),
    );
    const {
      AccessKeyId: accessKeyId = '',
      SecretAccessKey: secretAccessKey = '',
      SessionToken: sessionToken = '',
    } = given!;
    return { credentials: { accessKeyId, secretAccessKey, sessionToken }, expires: given!.Expiration!, who };
  };
  const whoAmI = async (as: AccessKey) => {
    const { UserId, Arn, Account } = await new STSClient(settings(as)).send(new GetCallerIdentityCommand({}));
    return { UserId, Arn, Account };
  };
  return { cloud, clock, settings, assume, whoAmI };
};
