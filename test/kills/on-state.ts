import { join } from 'node:path';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import { type Deployed, openLocalCloud } from '../../lib/cli/local-cloud.ts';
import type { Progress } from '../../lib/cli/progress.ts';
import { runEnvironment } from '../../lib/cli/run-environment.ts';
import { leapingClock } from '../../lib/local/clock.ts';
import { bundle } from '../../lib/migrations/build.ts';

export type Place = { cluster: string; database: string };

/** The fleet, as it is reached while its runtime lives. */
export type Reached = {
  deployed: Deployed;
  /** The first value that a statement answers. */
  sql(place: Place, text: string): Promise<string>;
  /** Brings it up to date, as `lockstep local run` does. */
  run(progress?: Progress): Promise<EnvironmentResult>;
};

/** Opens the runtime on a state in this process, for as long as something is done with it. */
export const onState = async <Result>(
  state: string,
  { clusters, databases }: { clusters: number; databases: number },
  work: (it: Reached) => Promise<Result>,
): Promise<Result> => {
  const context = { clusters, databases: databases / clusters };
  const deployed = await openLocalCloud({ app: APP, state, clock: leapingClock(), context, tell: () => {} });
  const { endpoint, place, environment } = deployed.cloud;
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = environment();
  const client = new RDSDataClient({ endpoint, region: place.region, credentials: { accessKeyId, secretAccessKey } });
  try {
    return await work({
      deployed,
      async sql({ cluster, database }, sql) {
        const resourceArn = `arn:${place.partition}:rds:${place.region}:${place.account}:cluster:${cluster}`;
        const asked = new ExecuteStatementCommand({ resourceArn, secretArn: `lockstep/${cluster}`, database, sql });
        return String(Object.values((await client.send(asked)).records?.[0]?.[0] ?? {})[0]);
      },
      run: async (progress = () => {}) =>
        runEnvironment(deployed, deployed.pipelines[0]!, await bundle(MIGRATIONS), progress, () => {}),
    });
  } finally {
    client.destroy();
    await deployed.close();
  }
};

const APP = join(import.meta.dirname, 'app');
const MIGRATIONS = join(import.meta.dirname, 'migrations');
