import { setTimeout as sleep } from 'node:timers/promises';
import { CreateDBClusterSnapshotCommand, DescribeDBClusterSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { approvalLink, decideByPage } from '../../lib/cli/decide-by-page.ts';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import { type Deployed, type LocalOptions, openLocalCloud } from '../../lib/cli/local-cloud.ts';
import type { Pipeline } from '../../lib/cli/pipelines.ts';
import type { Happening } from '../../lib/cli/progress.ts';
import { runEnvironment } from '../../lib/cli/run-environment.ts';
import { type RestoreInput, startRestore } from '../../lib/cli/start-restore.ts';
import { uploadBundle } from '../../lib/cli/start-run.ts';
import type { Report } from '../../lib/fleet/report.ts';
import type { RestoreReport } from '../../lib/fleet/restore/report.ts';
import { runRecord } from '../../lib/ledger/runs.ts';
import { type Clock, virtualClock } from '../../lib/local/clock.ts';
import { bundle } from '../../lib/migrations/build.ts';
import { folderOf } from '../helpers/folder.ts';
import { vouch } from './vouch.ts';

export type Stage = ReturnType<typeof stage>;

/** What the approver does with the link; time stands still meanwhile. */
export type Answer = (link: string) => Promise<unknown>;

const environment = 'production';
export const approve: Answer = (link) => decideByPage(link, { decision: 'approved', environment, reason: '' });
export const reject: Answer = (link) => decideByPage(link, { decision: 'rejected', environment, reason: 'as agreed' });
export const staySilent: Answer = async () => {};

/** The sample app, or another, deployed to a local cloud on virtual time; one for a test file. */
export const stage = (
  context: LocalOptions['context'] = {},
  { start = new Date(), ...more }: Pick<LocalOptions, 'app' | 'state' | 'rds'> & { start?: Date } = {},
) => {
  let deployed: Deployed;
  let clock: Clock;
  beforeAll(async () => {
    clock = virtualClock(start);
    deployed = await openLocalCloud({ clock, context, tell: () => {}, ...more });
  });
  afterAll(() => deployed.close());

  const pipeline = (environment: string): Pipeline => deployed.pipelines.find((it) => it.environment === environment)!;
  const sdk = () => ({
    endpoint: deployed.cloud.endpoint,
    region: deployed.cloud.place.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  return {
    get deployed() {
      return deployed;
    },
    get clock() {
      return clock;
    },
    pipeline,
    /** Runs files, by name, through an environment. */
    async run(
      environment: string,
      files: Record<string, string>,
      { answer = approve, on = () => {} }: { answer?: Answer; on?: (happening: Happening) => void } = {},
    ): Promise<EnvironmentResult> {
      const bundled = await bundle(await folderOf(files));
      if (environment === 'production' && more.app === undefined) await vouch(deployed, bundled.digest, clock.now());
      return runEnvironment(deployed, pipeline(environment), bundled, on, (link) => void clock.busy(answer(link)));
    },
    /** Takes a run back, as `lockstep local run --revert` does. */
    revert: (
      environment: string,
      revert: string,
      { answer = approve, on = () => {} }: { answer?: Answer; on?: (happening: Happening) => void } = {},
    ): Promise<EnvironmentResult> =>
      runEnvironment(deployed, pipeline(environment), { revert }, on, (link) => void clock.busy(answer(link))),
    /** Restores a run and waits for the end of it, whichever that is. */
    async restore(environment: string, input: RestoreInput, { answer = approve }: { answer?: Answer } = {}) {
      const asked = deployed.cloud.inbox.on(({ body }) => {
        const link = approvalLink(body, pipeline(environment).approvalUrl);
        if (link !== undefined) void clock.busy(answer(link));
      });
      const table = { client: deployed.clients.dynamodb, name: pipeline(environment).ledger };
      const digest = (await runRecord(table, input.run))?.digest ?? '';
      const started = startRestore(deployed.clients, pipeline(environment), { ...input, digest });
      const { execution, restore } = await started;
      for (;;) {
        const { status } = await deployed.clients.sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
        if (status !== 'RUNNING') {
          asked();
          return JSON.parse(await this.object(environment, `runs/${restore}/report.json`)) as RestoreReport;
        }
        await sleep(50);
      }
    },
    async sql(cluster: string, database: string, sql: string, secret = `lockstep/${cluster}`): Promise<unknown> {
      const { records } = await new RDSDataClient(sdk()).send(
        new ExecuteStatementCommand({
          resourceArn: `arn:aws:rds:${deployed.cloud.place.region}:${deployed.cloud.place.account}:cluster:${cluster}`,
          secretArn: secret,
          database,
          sql,
        }),
      );
      return Object.values(records?.[0]?.[0] ?? {})[0];
    },
    async snapshots(cluster: string): Promise<string[]> {
      const { DBClusterSnapshots = [] } = await new RDSClient(sdk()).send(
        new DescribeDBClusterSnapshotsCommand({ DBClusterIdentifier: cluster }),
      );
      return DBClusterSnapshots.map((it) => it.DBClusterSnapshotIdentifier ?? '');
    },
    /** A snapshot made by hand, by somebody else. */
    async takeSnapshot(cluster: string, snapshot: string): Promise<void> {
      const named = { DBClusterIdentifier: cluster, DBClusterSnapshotIdentifier: snapshot };
      await new RDSClient(sdk()).send(new CreateDBClusterSnapshotCommand(named));
    },
    /** Runs files under a name of one's own, and gives the run's report. */
    async runAs(
      name: string,
      environment: string,
      files: Record<string, string>,
      more: { emergency?: boolean } = {},
    ): Promise<Report> {
      const { stateMachineArn } = pipeline(environment);
      const bundled = await bundle(await folderOf(files));
      await uploadBundle(deployed.clients, pipeline(environment), bundled);
      const input = JSON.stringify({ digest: bundled.digest, ...more });
      const { executionArn } = await deployed.clients.sfn.send(
        new StartExecutionCommand({ stateMachineArn, name, input }),
      );
      for (;;) {
        const { status } = await deployed.clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (status !== 'RUNNING') return JSON.parse(await this.object(environment, `runs/${name}/report.json`));
        await sleep(50);
      }
    },
    async leaseOwner(environment: string): Promise<unknown> {
      const { Item } = await deployed.clients.dynamodb.send(
        new GetCommand({ TableName: pipeline(environment).ledger, Key: { pk: 'LEASE', sk: 'LEASE' } }),
      );
      return Item?.owner;
    },
    async object(environment: string, key: string): Promise<string> {
      const { Body } = await deployed.clients.s3.send(
        new GetObjectCommand({ Bucket: pipeline(environment).bucket, Key: key }),
      );
      return (await Body?.transformToString()) ?? '';
    },
  };
};
