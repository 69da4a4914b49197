import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, DescribeMapRunCommand, ListMapRunsCommand } from '@aws-sdk/client-sfn';
import { type Clients, clients } from '../../lib/cli/clients.ts';
import { findPipelines, type Pipeline } from '../../lib/cli/pipelines.ts';
import { startRun } from '../../lib/cli/start-run.ts';
import { virtualClock } from '../../lib/local/clock.ts';
import { type LocalCloud, openCloud } from '../../lib/local/cloud.ts';
import { synthesize } from '../../lib/local/synthesize.ts';
import { bundle } from '../../lib/migrations/build.ts';
import { type Tally, tallying } from './calls.ts';
import { fleetOf } from './fleet-of.ts';
import { type Measured, measure } from './measure.ts';
import { QUOTAS } from './prediction.ts';
import { standIn } from './stand-in.ts';

export type FleetOptions = {
  clusters: number;
  databases: number;
  context?: Record<string, number>;
  /** What `assemble` has made. @default it is made */
  assembly?: string;
  tell: (line: string) => void;
};

export type FleetRun = Measured & {
  tally: Tally;
  transitions: number;
  dataApiCalls: number;
  /** Of this machine's time, from the start of the execution to its end. */
  realSeconds: number;
  /** Bytes, while it ran. */
  peakRss: number;
  cloud: LocalCloud;
  clients: Clients;
  execution: string;
  snapshots: boolean;
  close(): Promise<void>;
};

/** How long a snapshot takes: assumed. AWS publishes nothing; Aurora's are copied on write. */
export const SNAPSHOT_SECONDS = 180;

/** Synthesizes the fleet's app into a folder. */
export const assemble = async (
  folder: string,
  { context, tell }: Pick<FleetOptions, 'context' | 'tell'>,
): Promise<string> => {
  tell('synthesizing');
  await synthesize(join(import.meta.dirname, 'app'), folder, context);
  return folder;
};

/** Runs a bundle through a fleet of so many clusters, on virtual time. @throws Error unless all of it is applied */
export const runFleet = async (options: FleetOptions): Promise<FleetRun> => {
  const { clusters, tell } = options;
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-fleet-'));
  let opened: LocalCloud | undefined;
  const close = async () => {
    await opened?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    // First: what its parser takes of memory is given back before the run begins.
    const built = await bundle(join(import.meta.dirname, 'migrations'));
    const assembly = options.assembly ?? (await assemble(join(folder, 'cdk.out'), options));
    const clock = virtualClock(new Date());
    const memory = new Map<string, number>();
    const { tally, onCall, lasts } = tallying(
      () => clock,
      (name) => memory.get(name) ?? 256,
    );
    const { startServer, openSession } = standIn();
    const cloud = await openCloud({
      ...{
        directory: join(folder, 'cloud'),
        clock,
        onCall,
        lasts,
        openSession,
        childrenPerSecond: QUOTAS.childrenPerSecond,
      },
      rds: {
        ...{ startServer, keepsLogs: false, keepsState: false, snapshotMilliseconds: SNAPSHOT_SECONDS * 1000 },
        quotas: { manualClusterSnapshots: clusters, clusters, instances: clusters },
      },
    });
    opened = cloud;
    await cloud.deploy(assembly);
    const connected = connect(cloud);
    const [[, pipeline]] = [...(await findPipelines(connected.ssm))] as [[string, Pipeline]];
    await learnMemory(cloud, memory);
    tell(`making ${clusters} clusters`);
    for (const cluster of fleetOf(clusters, options.databases)) await cloud.createCluster(cluster);
    // Their backups begin with them, and no one takes a cluster back to a time before.
    await clock.sleep(60_000);
    for (const map of [tally.calls, tally.rds]) map.clear();
    const before = cloud.dataApiCalls();
    const began = performance.now();
    const memoryUsed = watchMemory();
    const { execution } = await startRun(connected, pipeline, { ...built, requestedBy: 'fleet' });
    await follow(connected, execution, tell);
    const realSeconds = (performance.now() - began) / 1000;
    const peakRss = memoryUsed();
    return {
      ...(await measure(connected.sfn, execution)),
      ...{
        tally,
        realSeconds,
        peakRss,
        cloud,
        clients: connected,
        execution,
        snapshots: options.context?.snapshots !== undefined,
        close,
      },
      transitions: cloud.transitions(execution),
      dataApiCalls: cloud.dataApiCalls() - before,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** What the system remembers as the peak is that of the bundle's parser, which is bigger than all that comes after. */
const watchMemory = (): (() => number) => {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const looking = setInterval(look, 50).unref();
  return () => {
    look();
    clearInterval(looking);
    return peak;
  };
};

const connect = (cloud: LocalCloud): Clients => {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment();
  return clients({ endpoint: cloud.endpoint, region: cloud.place.region, accessKeyId, secretAccessKey });
};

/** Megabytes of each function. */
const learnMemory = async (cloud: LocalCloud, memory: Map<string, number>) => {
  const { LambdaClient, ListFunctionsCommand } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({
    ...{ endpoint: cloud.endpoint, region: cloud.place.region },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { Functions = [] } = await client.send(new ListFunctionsCommand());
  for (const { FunctionName = '', MemorySize = 256 } of Functions) memory.set(FunctionName, MemorySize);
  client.destroy();
};

const follow = async ({ sfn }: Clients, executionArn: string, tell: (line: string) => void): Promise<void> => {
  let told = '';
  for (;;) {
    const { status, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING') throw new Error(`the run ${status}: ${error}: ${cause}`);
    const { mapRuns: [newest] = [] } = await sfn.send(new ListMapRunsCommand({ executionArn, maxResults: 1 }));
    if (newest) {
      const { executionCounts } = await sfn.send(new DescribeMapRunCommand({ mapRunArn: newest.mapRunArn! }));
      const label = newest.mapRunArn!.split('/').at(-1)!.split(':')[0];
      const line = `${label}: ${executionCounts?.succeeded} of ${executionCounts?.total}`;
      if (line !== told) tell(line);
      told = line;
    }
    await sleep(LOOK_MILLISECONDS);
  }
};

const LOOK_MILLISECONDS = 2_000;
