import { DescribeDBClusterSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { lockstep } from './command.ts';

type Up = {
  endpoint: string;
  environment: Record<string, string>;
  digest: string;
  pipelines: { environment: string; stateMachineArn: string }[];
};

describe('lockstep local up', () => {
  const command = lockstep('local', 'up', '--json');
  let up: Up;
  let sdk: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

  beforeAll(async () => {
    up = await vi.waitFor(() => JSON.parse(command.stdout()), { timeout: 60_000, interval: 100 });
    const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_REGION = '' } = up.environment;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    sdk = { endpoint: up.endpoint, region: AWS_REGION, credentials };
  });
  afterAll(async () => {
    command.process.kill('SIGKILL');
    await command.ended;
  });

  const pipeline = (environment: string) => up.pipelines.find((it) => it.environment === environment)!;

  test('lets an SDK start a run, read its history, approve it by task token, and see what it has done', async () => {
    const sfn = new SFNClient(sdk);
    const { executionArn } = await sfn.send(
      new StartExecutionCommand({
        stateMachineArn: pipeline('production').stateMachineArn,
        input: JSON.stringify({ digest: up.digest, requestedBy: 'outside' }),
      }),
    );
    const history = async () =>
      (await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }))).events ?? [];
    const token = await vi.waitFor(
      async () => {
        const scheduled = (await history()).map(({ taskScheduledEventDetails }) => taskScheduledEventDetails);
        const waiting = scheduled.find((it) => it?.resource === 'invoke.waitForTaskToken');
        return JSON.parse(waiting?.parameters ?? '').Payload.taskToken as string;
      },
      { timeout: 30_000, interval: 200 },
    );
    await sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"decision":"approved","by":"outside"}' }));

    // Time is real here: the first wave waits half a minute for its snapshot.
    const snapshots = await vi.waitFor(
      async () => {
        const { DBClusterSnapshots = [] } = await new RDSClient(sdk).send(new DescribeDBClusterSnapshotsCommand({}));
        expect(DBClusterSnapshots).not.toEqual([]);
        return DBClusterSnapshots;
      },
      { timeout: 30_000, interval: 200 },
    );
    expect(snapshots[0]?.DBClusterIdentifier).toBe('orders-production-1');
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(status).toBe('RUNNING');

    const cluster = `arn:aws:rds:${sdk.region}:000000000000:cluster:orders-staging-2`;
    const { records } = await new RDSDataClient(sdk).send(
      new ExecuteStatementCommand({
        resourceArn: cluster,
        secretArn: 'lockstep/orders-staging-2',
        database: 'initech',
        sql: 'SELECT current_database()',
      }),
    );
    expect(records).toEqual([[{ stringValue: 'initech' }]]);
  });

  test('takes everything down at Ctrl-C and ends with 0', async () => {
    command.process.kill('SIGINT');
    expect(await command.ended).toMatchObject({ exitCode: 0 });
    await expect(fetch(up.endpoint)).rejects.toThrow();
  });
});
