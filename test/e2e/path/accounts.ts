import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DescribeExecutionCommand, ListExecutionsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll } from 'vitest';
import { type Clients, clients } from '../../../lib/cli/clients.ts';
import { confirmSubscriptions } from '../../../lib/cli/local-cloud.ts';
import { findPipelines, type Pipeline } from '../../../lib/cli/pipelines.ts';
import { uploadBundle } from '../../../lib/cli/start-run.ts';
import { type Clock, virtualClock } from '../../../lib/local/clock.ts';
import { type LocalCloud, openCloud } from '../../../lib/local/cloud.ts';
import { neighbourhood } from '../../../lib/local/neighbours.ts';
import { synthesize } from '../../../lib/local/synthesize.ts';
import type { bundle } from '../../../lib/migrations/build.ts';
import { ACCOUNTS } from './people.ts';

type Bundled = Awaited<ReturnType<typeof bundle>>;
type Ended = { status: string; error: string; cause: string; run: string };

/** The four environments of the app beside this file, in two accounts on virtual time; one for a test file. */
export const accounts = () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-path-'));
  const clouds: Record<string, LocalCloud> = {};
  const pipelines = new Map<string, { pipeline: Pipeline; cloud: LocalCloud; clients: Clients }>();
  let clock: Clock;

  beforeAll(async () => {
    clock = virtualClock(new Date());
    await synthesize('test/e2e/path', join(folder, 'cdk.out'));
    const neighbours = neighbourhood();
    for (const account of Object.values(ACCOUNTS))
      clouds[account] = await openCloud({ directory: join(folder, account), clock, neighbours, place: { account } });
    for (const cloud of Object.values(clouds)) {
      await cloud.deploy(join(folder, 'cdk.out'));
      await confirmSubscriptions(cloud);
      const connected = clientsOf(cloud);
      for (const pipeline of (await findPipelines(connected.ssm)).values()) {
        pipelines.set(pipeline.environment, { pipeline, cloud, clients: connected });
        const named = `shop-${pipeline.environment}`;
        await cloud.createCluster({ identifier: named, secret: `lockstep/${named}`, databases: ['shop'] });
      }
    }
  });
  afterAll(async () => {
    for (const cloud of Object.values(clouds)) await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (environment: string) => pipelines.get(environment)!;
  const ended = async ({ sfn }: Clients, executionArn: string): Promise<Ended> => {
    for (;;) {
      const {
        status = '',
        error = '',
        cause = '',
        name = '',
      } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING') return { status, error, cause, run: name };
      await pause(50);
    }
  };
  return {
    at,
    /** The cloud that is an account. */
    cloud: (account: string) => clouds[account]!,
    get clock() {
      return clock;
    },
    /** Starts a run by hand, and waits for the end of it. Nobody announces it. */
    async start(environment: string, name: string, bundled: Bundled, input: object = {}): Promise<Ended> {
      const { pipeline, clients } = at(environment);
      await uploadBundle(clients, pipeline, bundled);
      const { stateMachineArn } = pipeline;
      const { executionArn = '' } = await clients.sfn.send(
        new StartExecutionCommand({
          stateMachineArn,
          name,
          input: JSON.stringify({ digest: bundled.digest, ...input }),
        }),
      );
      return ended(clients, executionArn);
    },
    /** The end of a run, by its name. */
    over: (environment: string, run: string): Promise<Ended> => {
      const { pipeline, clients } = at(environment);
      return ended(clients, `${pipeline.stateMachineArn.replace(':stateMachine:', ':execution:')}:${run}`);
    },
    /** The end of the run that was started by itself; waits until there is one. */
    async byItself(environment: string, digest: string): Promise<Ended> {
      const { pipeline, clients } = at(environment);
      for (;;) {
        const { executions = [] } = await clients.sfn.send(
          new ListExecutionsCommand({ stateMachineArn: pipeline.stateMachineArn }),
        );
        const found = executions.find(({ name }) => name?.startsWith(`${digest.slice(0, 12)}-after-`));
        if (found) return ended(clients, found.executionArn ?? '');
        await pause(50);
      }
    },
  };
};

/** What whoever owns an account talks to it with. */
export const clientsOf = (cloud: LocalCloud): Clients => {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment();
  return clients({ endpoint: cloud.endpoint, region: cloud.place.region, accessKeyId, secretAccessKey });
};
