import type { Clock } from '../clock.ts';
import { lapse } from '../faults/lapse.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { databaseUnavailable } from './database-error.ts';
import type { Limits } from './limits.ts';
import { type Pool, sessionPool } from './pool.ts';
import type { Login, OpenSession } from './session.ts';
import type { Switches } from './switches.ts';

/** A cluster as the Data API needs to know it. */
export type DataApiCluster = {
  arn: string;
  port: number | undefined;
  httpEndpointEnabled: boolean;
  hasInstance?: boolean;
};

export type Secrets = { value(secretIdOrArn: string): Promise<string | undefined> };

type Requested = { resourceArn: string; secretArn: string; database?: string | null | undefined };

/** The way from a call's ARNs to a pool of sessions and the login for them. */
export const connections = (
  clusters: (arn: string) => DataApiCluster | undefined,
  secrets: Secrets,
  {
    limits,
    switches,
    clock,
    openSession,
  }: { limits: Limits; switches: Switches; clock: Clock; openSession: OpenSession },
) => {
  const pools = new Map<string, Pool>();
  const poolOf = (arn: string): Pool => {
    const known = pools.get(arn);
    if (known) return known;
    // A fleet has thousands of clusters, few of them in use. A timer tells that one is empty, so never between a call's
    // getting its pool and taking a session from it.
    const pool = sessionPool(limits, switches, openSession, () => void pools.delete(arn));
    pools.set(arn, pool);
    return pool;
  };
  const paused = new Set<string>();

  /** A paused cluster resumes at the first call; what that call and those meanwhile get, is a switch. */
  const resume = async (arn: string) => {
    if (!paused.has(arn)) return;
    const resumed = resuming.get(arn) ?? lapse(clock, limits.resumeMilliseconds).then(() => paused.delete(arn));
    resuming.set(arn, resumed);
    void resumed.then(() => resuming.delete(arn));
    if (switches.pausedCluster === 'blocks') await resumed;
    else
      throw new AwsError(
        'DatabaseResumingException',
        `The Aurora DB instance ${arn.split(':').at(-1)}-writer is resuming after being auto-paused. Please wait a few seconds and try again.`,
      );
  };
  const resuming = new Map<string, Promise<unknown>>();

  return {
    /** @throws HttpEndpointNotEnabledException, SecretsErrorException, InvalidSecretException, DatabaseResumingException */
    of: async ({ resourceArn, secretArn, database }: Requested): Promise<{ pool: Pool; login: Login }> => {
      const cluster = clusters(resourceArn);
      // Seen for clusters that don't exist, too; letter case counts.
      if (!cluster?.httpEndpointEnabled || cluster.arn !== resourceArn) {
        throw new AwsError(
          'HttpEndpointNotEnabledException',
          `HttpEndpoint is not enabled for resource ${resourceArn}`,
        );
      }
      const { username, password } = credentials(secretArn, await secrets.value(secretArn));
      if (cluster.hasInstance === false)
        throw new AwsError('DatabaseNotFoundException', "The DB cluster doesn't have a DB instance.", 404);
      if (cluster.port === undefined) throw databaseUnavailable();
      await resume(resourceArn);
      // Without a database PostgreSQL takes the user's name for it, and so does the Data API (aws/aws-cli#8577).
      return {
        pool: poolOf(resourceArn),
        login: { port: cluster.port, user: username, password, database: database || username },
      };
    },
    pause: (arn: string) => void paused.add(arn),
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
};

const credentials = (secretArn: string, secret: string | undefined) => {
  if (secret === undefined) throw new AwsError('SecretsErrorException', `The secret ${secretArn} wasn't found`);
  const invalid = () =>
    new AwsError(
      'InvalidSecretException',
      `The secret ${secretArn} isn't valid: it has to be JSON with "username" and "password"`,
    );
  let it: { username?: unknown; password?: unknown };
  try {
    it = JSON.parse(secret) as typeof it;
  } catch {
    throw invalid();
  }
  const { username, password } = it ?? {};
  if (typeof username !== 'string' || typeof password !== 'string' || /\0/.test(username + password)) throw invalid();
  return { username, password };
};
