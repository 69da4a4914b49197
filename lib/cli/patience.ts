import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '../failure.ts';
import { CallerUnknown } from './caller.ts';
import type { Clients } from './clients.ts';

/** AWS could not be asked any more. What runs there runs on, and nothing was changed by that. */
export const ConnectionLost = failure(
  'ConnectionLost',
  (it: { reason: string; minutes: number; credentials: boolean }) =>
    `AWS could not be asked for ${it.minutes} minutes (${it.reason}). A run that was started goes on by itself; ${it.credentials ? 'with new credentials ' : ''}the same command finds it again.`,
);

/** Calls AWS again until it answers; what it refuses is thrown at once. Each call has to be one that may be repeated. */
export type Persist = <Answer>(call: () => Promise<Answer>) => Promise<Answer>;

/** Minutes. A connection comes back; credentials that a job was given once don't, but those of a profile or a role do. */
const LONGEST = { connection: 15, credentials: 3 } as const;

/**
 * Clients that outlive a lost connection, an AWS that is out of order, and credentials that have expired: those are
 * looked for anew, by clients that are made anew. Waits a second at first and half a minute in the end.
 */
export const patience = (
  make: () => Clients,
  tell: (line: string) => void,
  { wait = (milliseconds: number) => sleep(milliseconds), now = () => Date.now() } = {},
): { clients: Clients; persist: Persist } => {
  let current = make();
  const persist: Persist = async (call) => {
    let since: number | null = null;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const lost = lossOf(error);
        if (lost === null) throw error;
        since ??= now();
        const minutes = LONGEST[lost];
        const reason = reasonOf(error as Error);
        if (now() - since >= minutes * 60_000)
          throw new ConnectionLost({ reason, minutes, credentials: lost === 'credentials' }, { cause: error });
        if (attempt === 0) tell(`AWS can't be asked (${reason}); trying again for up to ${minutes} minutes`);
        if (lost === 'credentials') current = make();
        await wait(Math.min(30_000, 1_000 * 2 ** attempt) * (0.5 + Math.random() / 2));
      }
    }
  };
  const patient = <Name extends keyof Clients>(name: Name): Clients[Name] =>
    Object.create(current[name], {
      // biome-ignore lint/suspicious/noExplicitAny: each client's send is passed on as it is.
      send: { value: (...line: any[]) => persist(() => (current[name] as any).send(...line)) },
    });
  const clients = { s3: patient('s3'), sfn: patient('sfn'), ssm: patient('ssm'), dynamodb: patient('dynamodb') };
  return { clients, persist };
};

const lossOf = (error: unknown): keyof typeof LONGEST | null => {
  if (!(error instanceof Error)) return null;
  if (error instanceof CallerUnknown) return lossOf(error.cause);
  if (CREDENTIALS.test(error.name)) return 'credentials';
  const { code, $metadata, details } = error as Told;
  if (CONNECTION.has(error.name) || CONNECTION.has(String(code))) return 'connection';
  // What the approval endpoint refuses carries its status as a detail.
  const status = $metadata?.httpStatusCode ?? details?.status;
  return typeof status === 'number' && (status === 429 || status >= 500) ? 'connection' : null;
};

type Told = Error & { code?: unknown; $metadata?: { httpStatusCode?: number }; details?: { status?: unknown } };

const CREDENTIALS =
  /^(ExpiredToken(Exception)?|RequestExpired|UnrecognizedClientException|InvalidClientTokenId|(Credentials|Token)ProviderError)$/;

const CONNECTION = new Set([
  ...['ECONNABORTED', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH', 'ENOTFOUND', 'EPIPE'],
  ...['EAI_AGAIN', 'ETIMEDOUT', 'TimeoutError', 'EndpointUnreachable'],
  // The SDK has tried again by itself before it says so.
  ...['ThrottlingException', 'TooManyRequestsException', 'SlowDown', 'ProvisionedThroughputExceededException'],
  // Of two that put the same object at once S3 may refuse one like this: the next try is told that it is there.
  'ConditionalRequestConflict',
]);

/** A failure to connect to several addresses at once has no message of its own. */
const reasonOf = (error: Error): string =>
  String(('code' in error && error.code) || (error.message === '' ? error.name : error.message.split('\n')[0]));
