import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach } from 'vitest';
import { approvalApp } from '../../lib/approval/app.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { putApproval } from '../../lib/ledger/approvals.ts';
import { bundleKey, objects, runKey } from '../../lib/ledger/objects.ts';
import type { Table } from '../../lib/ledger/table.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { canonical, digest } from '../../lib/migrations/digest.ts';
import { cluster, database, migration, statement } from '../fleet/samples.ts';
import { itemsOf, ledgers, memoryBucket } from '../ledger/harness.ts';

export const TOKEN = 'AQCEAAAAKgAAAAMAAAAAAAAAAc-the-task-token';

export const sampleBundle: Bundle = {
  format: 1,
  migrations: [
    migration('001', { file: '001_create_orders.sql', up: [statement('CREATE TABLE orders (id bigint)')] }),
    migration('002', {
      file: '002_drop_carts.sql',
      up: [
        statement("DELETE FROM carts WHERE note = '<b>&'", { kind: 'DeleteStmt' }),
        statement('DROP TABLE carts', { kind: 'DropStmt', line: 3 }),
      ],
    }),
    migration('003', {
      file: '003_index.sql',
      mode: 'stepwise',
      up: [
        statement('CREATE INDEX CONCURRENTLY i ON orders (id)', {
          kind: 'IndexStmt',
          transactional: false,
          wire: 'CREATE …',
        }),
      ],
    }),
  ],
};

const sampleFleet = [
  cluster('tenants-a', database('orders', 1)),
  cluster('tenants-b', database('orders', 3), database('billing', 2)),
];

/** Approval pages over a ledger of their own for each test of a file; `sfn` is the mocked Step Functions. */
export const approvalPages = () => {
  const { table } = ledgers();
  const sfn = mockClient(SFNClient);

  beforeEach(() => {
    sfn.reset();
    sfn.onAnyCommand().rejects(new Error('this test did not expect that call'));
    sfn.on(SendTaskHeartbeatCommand).resolves({});
    sfn.on(SendTaskSuccessCommand).resolves({});
    sfn.on(SendTaskFailureCommand).resolves({});
  });

  const opened = async ({
    bundle = sampleBundle,
    fleet = sampleFleet,
    environment = 'production',
    requestedBy = 'anna',
  } = {}) => {
    const ledger = await table();
    const { plan, planDigest } = makePlan(bundle, fleet, {
      service: 'shop',
      environment,
      digest: digest(bundle),
      waveSize: 1,
    });
    const bucket = memoryBucket({
      [bundleKey(digest(bundle))]: canonical(bundle),
      [runKey('run-1', 'plan')]: JSON.stringify({ ...plan, planDigest, dataApiCalls: 3 }),
    });
    const clock = { now: new Date('2026-01-05T09:30:00.000Z') };
    const app = appOf(ledger, bucket, clock);
    const asked = {
      run: 'run-1',
      planDigest,
      requestedBy,
      createdAt: '2026-01-05T09:00:00.000Z',
      expiresAt: '2026-01-05T10:00:00.000Z',
    };
    const put = (more: Partial<Parameters<typeof putApproval>[1]> = {}) =>
      putApproval(ledger, { ...asked, taskToken: TOKEN, ...more });
    const { id } = await put();
    const path = `/approvals/${id}`;
    const get = async (to = path, init: RequestInit = {}) => told(await app.request(to, init));
    const post = async (form: Record<string, string>, to = path) =>
      told(await app.request(to, { method: 'POST', body: new URLSearchParams(form) }));
    return {
      ...{ app, ledger, bucket, clock, plan, planDigest, put, id, path, get, post },
      nonce: async (at = path) => /name="nonce" value="([^"]+)"/.exec((await get(at)).text)?.[1] ?? '',
      decision: async () => (await itemsOf(ledger)).find(({ sk }) => sk === 'APPROVAL')?.decision,
    };
  };

  const appOf = (ledger: Table, bucket: ReturnType<typeof memoryBucket>, clock: { now: Date }) =>
    approvalApp(() => ({
      table: ledger,
      objects: objects(bucket.client, 'bucket'),
      sfn: new SFNClient({ region: 'eu-west-1' }),
      now: () => clock.now,
    }));

  /** What Step Functions was told, in order. */
  const sent = () =>
    sfn
      .calls()
      .map(({ args: [command] }) => ({ command: command.constructor.name, ...command.input }))
      // Asking whether the run still waits tells it nothing.
      .filter(({ command }) => command !== 'SendTaskHeartbeatCommand');

  return { opened, sfn, sent };
};

const told = async (response: Response) => ({
  status: response.status,
  headers: response.headers,
  text: await response.text(),
});
