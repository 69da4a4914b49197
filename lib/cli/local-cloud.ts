import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FleetSource } from '../fleet/discovery/source.ts';
import { nameOfDeclared } from '../fleet/fleet.ts';
import { objects } from '../ledger/objects.ts';
import type { Clock } from '../local/clock.ts';
import type { LocalCloud } from '../local/cloud.ts';
import type { CloudOptions } from '../local/cloud-options.ts';
import { type Clients, clients } from './clients.ts';
import { openSlack } from './local-slack.ts';
import { findPipelines, type Pipeline, UnknownEnvironment } from './pipelines.ts';

/** A local cloud with the folder's CDK app deployed and the clusters that its pipelines name. */
export type Deployed = {
  cloud: LocalCloud;
  /** Those that were wanted. */
  pipelines: Pipeline[];
  clients: Clients;
  close(): Promise<void>;
};

export type LocalOptions = {
  /** Folder of the CDK app. @default the current one */
  app?: string | undefined;
  /** Keeps everything for the next call. @default a folder that goes with this call */
  state?: string | undefined;
  clock: Clock;
  port?: number;
  /** How RDS behaves. @default as in {@link CloudOptions} */
  rds?: CloudOptions['rds'];
  /** The environments that are wanted, in this order. @default all, as the app declares them */
  environments?: string[] | undefined;
  /** Context values for the CDK app. */
  context: Record<string, string | number>;
  /** Told what is being done. */
  tell: (step: string) => void;
};

/** Stands a local cloud up. What was begun is taken down again when it fails half-way. */
export const openLocalCloud = async (options: LocalOptions): Promise<Deployed> => {
  const { app = process.cwd(), state, clock, port = 0, rds, context, tell } = options;
  const scratch = await mkdtemp(join(tmpdir(), 'lockstep-'));
  const [{ openCloud }, { synthesize }] = await Promise.all([
    import('../local/cloud.ts'),
    import('../local/synthesize.ts'),
  ]);
  const sweep = () => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', sweep);
  const leavers: (() => unknown)[] = [sweep, () => process.off('exit', sweep)];
  const close = async () => {
    for (const leave of leavers.splice(0).reverse()) await leave();
  };
  try {
    tell('synthesizing the CDK app');
    const assembly = join(scratch, 'cdk.out');
    const directory = state === undefined ? join(scratch, 'cloud') : resolve(state);
    const opening = openCloud({ directory, clock, port, log: tell, ...(rds ? { rds } : {}) }).then((cloud) => {
      leavers.push(cloud.stop);
      return cloud;
    });
    const [synthesis, opened] = await Promise.allSettled([synthesize(resolve(app), assembly, context), opening]);
    if (synthesis.status === 'rejected') throw synthesis.reason;
    if (opened.status === 'rejected') throw opened.reason;
    const cloud = opened.value;
    tell('deploying it to the local cloud');
    await cloud.deploy(assembly);
    await confirmSubscriptions(cloud);
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment();
    const connected = clients({ endpoint: cloud.endpoint, region: cloud.place.region, accessKeyId, secretAccessKey });
    const pipelines = chosen(await inOrder(connected, assembly), options.environments);
    await openSlack(cloud, connected, pipelines, tell);
    tell('starting the Aurora clusters');
    for (const pipeline of pipelines) await startClusters(cloud, connected, pipeline, tell);
    return { cloud, pipelines, clients: connected, close };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
};

/**
 * Confirms the subscriptions that wait for it, as the owners of the mailboxes are asked to: with AuthenticateOnUnsubscribe,
 * so that no mail scanner ends one by opening its link.
 */
export const confirmSubscriptions = async (
  cloud: Pick<LocalCloud, 'endpoint' | 'place' | 'environment' | 'inbox'>,
): Promise<void> => {
  const waiting = cloud.inbox.messages().flatMap(({ topicArn, confirmation }) => {
    return confirmation ? [{ TopicArn: topicArn, Token: confirmation.token }] : [];
  });
  if (waiting.length === 0) return;
  const { ConfirmSubscriptionCommand, SNSClient } = await import('@aws-sdk/client-sns');
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment();
  const credentials = { accessKeyId, secretAccessKey };
  const sns = new SNSClient({ endpoint: cloud.endpoint, region: cloud.place.region, credentials });
  for (const it of waiting)
    await sns.send(new ConfirmSubscriptionCommand({ ...it, AuthenticateOnUnsubscribe: 'true' }));
};

const chosen = (pipelines: Pipeline[], names: string[] | undefined): Pipeline[] =>
  (names &&
    [...new Set(names)].map((environment) => {
      const pipeline = pipelines.find((it) => it.environment === environment);
      if (pipeline) return pipeline;
      throw new UnknownEnvironment({ environment, known: pipelines.map((it) => it.environment) });
    })) ??
  pipelines;

/** Parameters are found by name; the app's own order is that of the stacks in the assembly's manifest. */
const inOrder = async ({ ssm }: Clients, assembly: string): Promise<Pipeline[]> => {
  const manifest = await readFile(join(assembly, 'manifest.json'), 'utf8');
  const templates = Object.values<{ type: string; properties?: { templateFile?: string } }>(
    JSON.parse(manifest).artifacts,
  )
    .filter(({ type }) => type === 'aws:cloudformation:stack')
    .map(({ properties }) => properties?.templateFile ?? '');
  const texts = await Promise.all(templates.map((file) => readFile(join(assembly, file), 'utf8')));
  const rank = (name: string) => texts.findIndex((text) => text.includes(JSON.stringify(name)));
  return [...(await findPipelines(ssm))].toSorted(([a], [b]) => rank(a) - rank(b)).map(([, pipeline]) => pipeline);
};

/** The clusters that a fleet names are the user's own and exist in AWS; here they are made, two at a time. */
const startClusters = async (
  cloud: LocalCloud,
  { s3 }: Clients,
  { fleet, environment }: Pipeline,
  tell: LocalOptions['tell'],
): Promise<void> => {
  const declared = FleetSource.parse(await objects(s3, fleet.bucket).json(fleet.key));
  if (!Array.isArray(declared))
    return tell(`the fleet of ${environment} is found when a run begins: make its clusters here first`);
  const queue = declared.map(({ cluster: identifier, secret, databases }) => ({
    ...{ identifier, secret },
    databases: databases.map(nameOfDeclared),
  }));
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await cloud.createCluster(next);
  };
  await Promise.all([work(), work()]);
};
