import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { InspectedCluster } from '../../lib/fleet/inspected.ts';
import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import { openRequest } from '../../lib/ledger/requests.ts';
import { recordRun } from '../../lib/ledger/runs.ts';
import { canonical, digest } from '../../lib/migrations/digest.ts';
import { asked, policy } from '../approval/request.ts';
import { bundleOf, cluster, database, inWavesOf, run } from '../fleet/samples.ts';
import { mocks, published, step, uploaded } from './harness.ts';

const rollout = inWavesOf(1);
const { opened } = step('plan', {
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', RULES: 'rules', VERSION: '1.0.0' },
  ...{ FLEET_BUCKET: 'assets', FLEET_KEY: 'fleet.json', TOPIC: 'arn:topic', UNFIT: 'refuse' },
  RESTORE_POINT: '{"kind":"pointInTime"}',
  ...{ POLICY_BUCKET: 'assets', POLICY_KEY: 'policy.json' },
});

const bundle = bundleOf('001', '002');
const admitted = run({ digest: digest(bundle) });
const PLAN = 'runs/run-1/plan.json';
const [first, again] = ['runs/run-1/inspected/x/manifest.json', 'runs/run-1/inspected/y/manifest.json'];

/** What the map over the fleet leaves. */
const results = (manifest: string, fleet: InspectedCluster[]) => ({
  [manifest]: JSON.stringify({ ResultFiles: { SUCCEEDED: [{ Key: `${manifest}.results` }] } }),
  [`${manifest}.results`]: JSON.stringify(fleet.map((it) => ({ Output: JSON.stringify(it) }))),
});

const fleet = () => [cluster('a', database('orders', 1)), cluster('b', database('orders', 1))];
const second = (b: Partial<InspectedCluster['databases'][number]>) => [
  ...fleet().slice(0, 1),
  cluster('b', database('orders', 1, b)),
];
const declared = [{ cluster: 'a', secret: 'a', databases: ['orders'] }];
const approval = { outcome: { decision: 'approved', at: '2026-01-05T09:30:00.000Z' } } as const;

/** A plan that was made, asked about and approved; what `change` does happens before it is made once more. */
const approved = async (
  change: (it: {
    files: Record<string, string>;
    json: (key: string) => Record<string, unknown>;
    event: Record<string, unknown>;
  }) => void,
  request: Partial<ApprovalRequest> | null = approval,
) => {
  const { invoke, ledger, bucket, json, cold } = await opened({
    ...{ ...uploaded(bundle), ...results(first, fleet()), ...results(again, fleet()) },
    ...{ 'runs/run-1/fleet.json': '[]', 'runs/run-1/discovery.json': '{"problems":[]}' },
    ...{ 'fleet.json': JSON.stringify(declared), 'policy.json': JSON.stringify(policy({ slack: null })) },
  });
  await recordRun(ledger, { ...admitted, status: 'RUNNING' });
  const plan = await invoke({ run: admitted, rollout, results: first, approved: null, lint: null, facts: null });
  const quietly = published().length;
  if (request) await openRequest(ledger, asked({ planDigest: plan.planDigest, ...request }));
  const event = { run: admitted, rollout, results: again, approved: plan.planDigest, lint: null, facts: null };
  change({ files: bucket.files, json, event });
  const before = structuredClone(bucket.files);
  const answer = (await cold())(event);
  return { plan, answer, quietly, json, untouched: () => expect(bucket.files).toEqual(before) };
};

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

describe('a plan that was approved', () => {
  it('is carried out if it is still the same', async () => {
    const { plan, answer, json } = await approved(() => {});
    expect(await answer).toMatchObject({ planDigest: plan.planDigest, pending: plan.pending });
    expect(json(PLAN)).toMatchObject({ planDigest: plan.planDigest, dataApiCalls: { 'a/orders': 2, 'b/orders': 2 } });
  });

  it('is told to have started to all who approve, in one message, and not before it was approved', async () => {
    const { answer, quietly } = await approved(() => {});
    await answer;
    expect(quietly).toBe(0);
    const approver = { DataType: 'String.Array', StringValue: '["Ada","Berta","Cleo"]' };
    expect(published()).toMatchObject([
      { Subject: expect.stringMatching(/^Started: shop production/), MessageAttributes: { approver } },
    ]);
  });

  type Change = Parameters<typeof approved>[0];
  const inspection =
    (fleet: InspectedCluster[]): Change =>
    ({ files }) =>
      void Object.assign(files, results(again, fleet));

  it.each<[string, Change, string, string]>([
    [
      'its bundle was swapped',
      ({ files }) => {
        files[`bundles/${digest(bundle)}.json`] = canonical(bundleOf('001', '003'));
      },
      ...(['BundleTampered', digest(bundle)] as const),
    ],
    [
      'its plan was swapped',
      ({ files, json }) => {
        files[PLAN] = JSON.stringify({ ...json(PLAN), version: '6.6.6' });
      },
      ...(['PlanChanged', 'the plan in the bucket was changed after it was approved'] as const),
    ],
    [
      'something else lies in the place of its plan',
      ({ files }) => {
        files[PLAN] = '{"planDigest":"x"}';
      },
      ...(['PlanChanged', 'the plan in the bucket was changed after it was approved'] as const),
    ],
    [
      'no JSON lies in the place of its plan',
      ({ files }) => {
        files[PLAN] = '{';
      },
      ...(['PlanChanged', 'the plan in the bucket was changed after it was approved'] as const),
    ],
    [
      'its plan is gone',
      ({ files }) => void delete files[PLAN],
      ...(['PlanChanged', 'the plan in the bucket was changed after it was approved'] as const),
    ],
    [
      'a target was added',
      inspection([...fleet(), cluster('c', database('orders', 1))]),
      ...(['PlanChanged', '\nc/orders has come to the fleet'] as const),
    ],
    [
      'a target was removed',
      inspection(fleet().slice(0, 1)),
      ...(['PlanChanged', '\nb/orders has left the fleet'] as const),
    ],
    [
      'another fleet was deployed',
      ({ files }) => {
        files['fleet.json'] = JSON.stringify([{ ...declared[0], databases: ['orders', 'billing'] }]);
      },
      ...(['PlanChanged', '\nthe declared fleet has changed: '] as const),
    ],
    [
      'the fleet that was found is another',
      ({ files }) => {
        files['runs/run-1/fleet.json'] = JSON.stringify([{ cluster: 'a', secretArn: 'of somebody else' }]);
      },
      ...(['PlanChanged', '\nthe declared fleet has changed: '] as const),
    ],
    [
      'the head of a history moved',
      inspection(second({ head: 'moved' })),
      ...(['PlanChanged', '\nb/orders: its history has changed, from '] as const),
    ],
    [
      'a migration came in by other means',
      inspection([...fleet().slice(0, 1), cluster('b', database('orders', 2))]),
      ...(['PlanChanged', '\nb/orders: 1 migrations were pending, and 0 are now'] as const),
    ],
    [
      'a schema was changed by hand',
      inspection(second({ fingerprint: 'by hand' })),
      ...(['PlanChanged', '\nb/orders: its schema has changed'] as const),
    ],
    [
      'the approval policy was changed',
      () => void vi.stubEnv('RULES', 'other rules'),
      ...([
        'PlanChanged',
        '\nhow it is deployed (approval policy, wave size, concurrency or time-outs) has changed: rules',
      ] as const),
    ],
    [
      'the size of waves was changed',
      (it) => void Object.assign(it.event, { rollout: inWavesOf(2) }),
      ...(['PlanChanged', '\nb/orders: it was in wave 2 and is in 1'] as const),
    ],
    [
      'Lockstep was deployed in another version',
      () => void vi.stubEnv('VERSION', '1.0.1'),
      ...(['PlanChanged', "\nLockstep's version has changed: 1.0.0 was approved, 1.0.1 is there now"] as const),
    ],
    [
      'PostgreSQL was upgraded',
      inspection(second({ server: 180002 })),
      ...(['PlanChanged', '\nb/orders: PostgreSQL was 170009 and is 180002'] as const),
    ],
    [
      'a history does not fit the bundle any more',
      inspection(second({ problems: ['001.sql was edited'] })),
      ...(['PlanRefused', '\nb/orders: 001.sql was edited'] as const),
    ],
  ])('is not carried out if %s', async (_, change, name, reason) => {
    const { answer, untouched } = await approved(change);
    await expect(answer).rejects.toMatchObject({ name, message: expect.stringContaining(reason) });
    untouched();
    expect(published()).toEqual([]);
  });
});

describe('a task that was answered by other means than a decision', () => {
  it.each<[string, Partial<ApprovalRequest> | null]>([
    ['no request', null],
    ['a request that nobody has decided', { outcome: null }],
    ['a rejection', { outcome: { decision: 'rejected', at: 'x' } }],
    ['a request that has expired', { outcome: { decision: 'expired', at: 'x' } }],
    ['the approval of another plan', { ...approval, planDigest: 'e'.repeat(64) }],
  ])('lets nothing happen where the ledger has %s', async (_, request) => {
    const { answer, untouched } = await approved(() => {}, request);
    await expect(answer).rejects.toMatchObject({
      name: 'NotApproved',
      message: expect.stringContaining('run-1 was told to go on, but the ledger has no approval of its plan'),
    });
    untouched();
    expect(published()).toEqual([]);
  });
});
