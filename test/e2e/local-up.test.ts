import { DescribeDBClusterSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { approvalLink, decideByPage } from '../../lib/cli/decide-by-page.ts';
import { lockstep, lockstepWith } from './command.ts';

// Time is real, and staging waits half a minute for its snapshot.
vi.setConfig({ testTimeout: 180_000 });

type Up = {
  endpoint: string;
  environment: Record<string, string>;
  digest: string;
  pipelines: { environment: string; stateMachineArn: string; approvalUrl: string }[];
};

describe('lockstep local up', () => {
  const command = lockstep('local', 'up', '--json', '--clusters', '1', '--databases', '1');
  let up: Up;
  let sdk: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

  beforeAll(async () => {
    up = await vi.waitFor(() => JSON.parse(command.stdout()), { timeout: 110_000, interval: 100 });
    const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_REGION = '' } = up.environment;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    sdk = { endpoint: up.endpoint, region: AWS_REGION, credentials };
  });
  afterAll(async () => {
    command.process.kill('SIGKILL');
    await command.ended;
  });

  const pipeline = (environment: string) => up.pipelines.find((it) => it.environment === environment)!;

  test('lets a run be started from another terminal, and approved by the link in the mail', async () => {
    const sfn = new SFNClient(sdk);
    // It has to have been in staging before.
    const skipped = await lockstepWith(up.environment, 'run', 'production', '--json').ended;
    expect(skipped).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('PromotionRefused') });
    expect(await lockstepWith(up.environment, 'run', 'staging', '--json').ended).toMatchObject({ exitCode: 0 });
    const started = await lockstepWith(up.environment, 'run', 'production', '--json').ended;
    expect(started.exitCode).toBe(3);
    const { run, execution: executionArn, status: waiting } = JSON.parse(started.stdout);
    expect(waiting).toBe('RUNNING');
    const approvals = await lockstepWith(up.environment, 'approvals', 'production').ended;
    expect(approvals.stdout).toMatch(new RegExp(`^waiting +${run} `));
    const link = approvalLink(command.stderr(), pipeline('production').approvalUrl) ?? '';
    expect(await (await fetch(`${up.endpoint}/inbox`)).text()).toContain(link);
    await decideByPage(link, { decision: 'approved', environment: 'production', reason: '' });

    // Time is real here: the first wave waits half a minute for its snapshot.
    const snapshots = await vi.waitFor(
      async () => {
        const { DBClusterSnapshots = [] } = await new RDSClient(sdk).send(
          new DescribeDBClusterSnapshotsCommand({ DBClusterIdentifier: 'orders-production-1' }),
        );
        expect(DBClusterSnapshots).not.toEqual([]);
        return DBClusterSnapshots;
      },
      { timeout: 30_000, interval: 200 },
    );
    expect(snapshots[0]?.DBClusterIdentifier).toBe('orders-production-1');
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(status).toBe('RUNNING');

    const cluster = `arn:aws:rds:${sdk.region}:000000000000:cluster:orders-staging-1`;
    const { records } = await new RDSDataClient(sdk).send(
      new ExecuteStatementCommand({
        resourceArn: cluster,
        secretArn: 'lockstep/orders-staging-1',
        database: 'tenant_0001',
        sql: 'SELECT current_database()',
      }),
    );
    expect(records).toEqual([[{ stringValue: 'tenant_0001' }]]);
  });

  test('takes everything down at Ctrl-C and ends with 0', async () => {
    command.process.kill('SIGINT');
    expect(await command.ended).toMatchObject({ exitCode: 0 });
    await expect(fetch(up.endpoint)).rejects.toThrow();
  });
});
