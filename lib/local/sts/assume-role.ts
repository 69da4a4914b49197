import type { Clock } from '../clock.ts';
import type { Roles } from '../deploy/roles.ts';
import type { Authorizer } from '../iam/authorizer.ts';
import { roleOf } from '../iam/sessions.ts';
import { uniqueId } from '../iam/unique-id.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import type { Place } from '../service.ts';
import type { Keys } from './credentials.ts';

export type AssumeRoleOptions = {
  place: Place;
  clock: Clock;
  keys: Keys;
  roles: Pick<Roles, 'all'>;
  authorizer: Pick<Authorizer, 'refusedRole'>;
};

/**
 * AssumeRole for users and for sessions of other roles. Session policies, tags and MFA are refused: nothing here would
 * honour them.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const assumeRole =
  ({ clock, keys, roles, authorizer }: AssumeRoleOptions): QueryOperation =>
  async (input, { principal }) => {
    const unknown = [...input.keys()].find((name) => !KNOWN.includes(name));
    if (unknown) throw new AwsError('ValidationError', `The local cloud's AssumeRole doesn't honour ${unknown}.`);
    const roleArn = member(input, 'RoleArn', 'roleArn', /^.{20,2048}$/s);
    const session = member(input, 'RoleSessionName', 'roleSessionName', /^[\w+=,.@-]{2,64}$/);
    const externalId = input.get('ExternalId');
    const role = roles.all().find(({ arn }) => arn === roleArn);
    if (principal === keys.root) throw new AwsError('AccessDenied', 'Roles may not be assumed by root accounts.', 403);
    const refused = authorizer.refusedRole(principal, roleArn, role?.trust.Statement ?? [], {
      'sts:rolesessionname': [session],
      ...(externalId === null ? {} : { 'sts:externalid': [externalId] }),
    });
    if (refused) throw new AwsError('AccessDenied', refused, 403);
    const seconds = duration(input.get('DurationSeconds'), role!.maxSessionSeconds, roleOf(principal) !== undefined);
    const expires = new Date(clock.now().getTime() + seconds * 1000);
    const { accessKeyId, secretAccessKey, sessionToken } = keys.temporary(roleArn, session, expires);
    const Arn = keys.principal(accessKeyId);
    return {
      AssumedRoleUser: { AssumedRoleId: `${uniqueId('AROA', roleArn)}:${session}`, Arn },
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: secretAccessKey,
        SessionToken: sessionToken,
        // Whole seconds, as AWS has it.
        Expiration: expires.toISOString().replace(/\.\d+Z$/, 'Z'),
      },
    };
  };

const KNOWN = ['Action', 'Version', 'RoleArn', 'RoleSessionName', 'DurationSeconds', 'ExternalId'];

const member = (input: URLSearchParams, name: string, shown: string, wanted: RegExp) => {
  const value = input.get(name);
  if (value !== null && wanted.test(value)) return value;
  const problem =
    value === null ? 'Member must not be null' : `Member must satisfy regular expression pattern: ${wanted}`;
  const found = value === null ? 'Value' : `Value '${value}'`;
  const sentence = `1 validation error detected: ${found} at '${shown}' failed to satisfy constraint: ${problem}`;
  throw new AwsError('ValidationError', sentence);
};

/** 900 s to what the role allows, one hour by default; and never more than that for a role assumed by a role. */
const duration = (text: string | null, most: number, chained: boolean): number => {
  const seconds = Number(text ?? 3600);
  if (!Number.isInteger(seconds) || seconds < 900)
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${text}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900`,
    );
  if (chained && seconds > 3600)
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  if (seconds <= most) return seconds;
  throw new AwsError(
    'ValidationError',
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  );
};
