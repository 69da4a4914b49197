import { hostname, userInfo } from 'node:os';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { failure } from '../failure.ts';

/** AWS could not be asked who calls; nothing was changed. */
export const CallerUnknown = failure(
  'CallerUnknown',
  (it: { reason: string }) =>
    `AWS STS doesn't tell whose credentials these are (${it.reason}), and who overrules history is written down there. Nothing was changed. See what \`aws sts get-caller-identity\` says.`,
);

/**
 * Whoever calls this command: the ARN that AWS knows the credentials by, which is proof, and user and machine, which
 * are a hint. The database adds the role that it was called with.
 * @throws CallerUnknown
 */
export const caller = async (sts: Pick<STSClient, 'send'> = client()): Promise<string> => {
  const { Arn: arn } = await sts.send(new GetCallerIdentityCommand()).catch((cause: Error) => {
    throw new CallerUnknown({ reason: `${cause.name}: ${cause.message}` }, { cause });
  });
  if (!arn) throw new CallerUnknown({ reason: 'its answer names nobody' });
  return `${arn} (${user()}@${hostname()})`;
};

const client = () => new STSClient({ requestHandler: { requestTimeout: 20_000, throwOnRequestTimeout: true } });

/** A process in a container may run under a number that no name belongs to. */
const user = (): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
};
