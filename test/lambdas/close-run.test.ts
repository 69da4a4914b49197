import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from 'vitest';
import { endRun } from '../../lib/ledger/end-run.ts';
import { acquireLease, LEASE, releaseLease } from '../../lib/ledger/lease.ts';
import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import { getRequest, openRequest } from '../../lib/ledger/requests.ts';
import { type RunRecord, recordRun, recordVerdict, runRecord, updateRun } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { held } from '../approval/hold/held.ts';
import { asked, policy } from '../approval/request.ts';
import { run, verdict } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { awsError, mocks, published, step } from './harness.ts';

const { opened, counted } = step('close-run', {
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', TOPIC: 'arn:topic', ATTESTATION_KEY: 'arn:key' },
});

const { execution } = run();
const stopDate = new Date('2026-01-05T10:00:00.000Z');
const event = (executionArn = execution, name = 'run-1') => ({
  ...{ version: '0', id: 'x', source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change' },
  detail: { executionArn, name, status: 'ABORTED', stateMachineArn: 'arn:machine' },
});
const found = (more: object) => mocks.sfn.on(DescribeExecutionCommand).resolves({ stopDate, ...more } as never);
const stopped = (more: object = {}) => found({ status: 'ABORTED', cause: 'wrong bundle', ...more });
const leaseOwner = async (ledger: Table) => (await itemsOf(ledger)).find(({ pk }) => pk === LEASE.pk)?.owner;

/** A run at work, with what people were asked about it. */
const atWork = async (more: Partial<RunRecord> = {}, ...requests: ApprovalRequest[]) => {
  const it = await opened();
  await acquireLease(it.ledger, execution, new Date(), async () => true);
  await recordRun(it.ledger, { ...run(), status: 'RUNNING', ...more });
  for (const request of requests) await openRequest(it.ledger, request);
  return it;
};

const quietly = { policy: policy({ slack: null }) };

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
  stopped();
});

describe('a run that was stopped', () => {
  it('gives its lease back, is put down as stopped, and people are told of it', async () => {
    const { invoke, ledger } = await atWork({}, asked(quietly));
    await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { applied: ['001'] }));
    expect(await invoke(event())).toEqual({ closed: true });
    expect(await leaseOwner(ledger)).toBeUndefined();
    expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'ABORTED', endedAt: stopDate.toISOString() });
    expect(published()).toMatchObject([
      {
        Subject: 'STOPPED: shop production',
        MessageAttributes: { approver: { StringValue: '["Ada","Berta","Cleo"]' } },
      },
    ]);
    expect(published()[0]!.Message).toContain(
      '1 database migrated.\n\nStopped:\n    Somebody stopped the execution: wrong bundle\n    What was under way',
    );
    expect(counted()).toMatchObject([{ LeasesLeftBehind: 1 }, { RunsStopped: 1, DatabasesApplied: 1 }]);
  });

  it('asks nobody any more, neither for approval nor what becomes of it; what was decided stands', async () => {
    const decided = { outcome: { decision: 'approved' as const, at: stopDate.toISOString() } };
    const { invoke, ledger } = await atWork({}, asked({ ...quietly, ...decided }), held(quietly));
    await invoke(event());
    expect(await getRequest(ledger, 'run-1')).toMatchObject(decided);
    expect(await getRequest(ledger, 'run-1#1')).toMatchObject({
      outcome: { decision: 'stopped', at: stopDate.toISOString() },
      deliveredAt: stopDate.toISOString(),
    });
  });

  it('is closed once, however often that is said', async () => {
    const { invoke, ledger } = await atWork({}, asked(quietly));
    await invoke(event());
    const before = await itemsOf(ledger);
    expect(await invoke(event())).toEqual({ closed: false });
    expect([published().length, counted().length]).toEqual([1, 2]);
    expect(await itemsOf(ledger)).toEqual(before);
  });

  it('is told of after all where the call broke off before that', async () => {
    const { invoke, ledger } = await atWork();
    await endRun(ledger, run(), 'ABORTED', stopDate);
    expect(await invoke(event())).toEqual({ closed: true });
    expect(published()).toMatchObject([{ Subject: 'STOPPED: shop production' }]);
    expect((await runRecord(ledger, 'run-1'))?.untold).toBeUndefined();
  });

  it('and redriven, and stopped again, is closed again', async () => {
    const { invoke } = await atWork();
    await invoke(event());
    stopped({ stopDate: new Date('2026-01-05T11:00:00.000Z') });
    expect(await invoke(event())).toEqual({ closed: true });
    expect(published()).toHaveLength(2);
  });

  it('leaves the lease of a run that has come since alone', async () => {
    const { invoke, ledger } = await atWork();
    await releaseLease(ledger, execution);
    await acquireLease(ledger, 'arn:next', new Date(), async () => true);
    expect(await invoke(event())).toEqual({ closed: true });
    expect(await leaseOwner(ledger)).toBe('arn:next');
    expect(counted()).toMatchObject([{ RunsStopped: 1 }]);
  });

  it.each(['RUNNING', 'PENDING_REDRIVE', 'SUCCEEDED'])('is left alone if it is %s by now', async (status) => {
    const { invoke, ledger } = await atWork({}, asked(quietly));
    found({ status });
    const before = await itemsOf(ledger);
    expect(await invoke(event())).toEqual({ closed: false });
    expect(await itemsOf(ledger)).toEqual(before);
    expect([published(), counted()]).toEqual([[], []]);
  });

  it('is told of if it was stopped before it was let in, and nothing of an earlier one of that name is touched', async () => {
    const { invoke, ledger } = await atWork({ execution: 'arn:earlier' }, asked(quietly));
    expect(await invoke(event())).toEqual({ closed: false });
    expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'RUNNING' });
    expect(await getRequest(ledger, 'run-1')).toMatchObject({ outcome: null });
    expect(await leaseOwner(ledger)).toBeUndefined();
    expect(published()).toMatchObject([{ Subject: 'STOPPED: shop production' }]);
    expect(published()[0]!.Message).not.toContain('Approval');
  });

  it('stays closed if people can not be told, as every run does', async () => {
    const { invoke, ledger } = await atWork();
    mocks.sns.on(PublishCommand).rejects(awsError('InternalErrorException'));
    expect(await invoke(event())).toEqual({ closed: true });
    expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'ABORTED' });
  });
});

describe('a run that has failed', () => {
  beforeEach(() => void found({ status: 'FAILED', error: 'Lambda.Unknown', cause: 'no memory' }));

  it('and has reported that is left alone', async () => {
    const { invoke, ledger } = await atWork();
    await updateRun(ledger, 'run-1', { status: 'FAILED', endedAt: '2026-01-05T09:59:00.000Z' });
    await releaseLease(ledger, execution);
    const before = await itemsOf(ledger);
    expect(await invoke(event())).toEqual({ closed: false });
    expect(await itemsOf(ledger)).toEqual(before);
    expect([published(), counted()]).toEqual([[], []]);
  });

  it('and was never let in is left alone: its report has said so', async () => {
    const { invoke, ledger } = await opened();
    expect(await invoke(event())).toEqual({ closed: false });
    expect([await itemsOf(ledger), published()]).toEqual([[], []]);
  });

  it('without a report is told of as failed', async () => {
    const { invoke, ledger } = await atWork();
    expect(await invoke(event())).toEqual({ closed: true });
    expect(await leaseOwner(ledger)).toBeUndefined();
    expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'FAILED', endedAt: stopDate.toISOString() });
    expect(published()).toMatchObject([
      {
        Subject: 'FAILED: shop production',
        Message: expect.stringContaining('Lambda.Unknown:\n    The execution ended without a report: no memory'),
      },
    ]);
    expect(counted()).toMatchObject([{ LeasesLeftBehind: 1 }, { RunsFailed: 1 }]);
  });
});

it('closes a restore likewise, and says how it is taken up again', async () => {
  const { invoke, ledger } = await atWork({ restores: 'run-0' });
  expect(await invoke(event())).toEqual({ closed: true });
  expect(await leaseOwner(ledger)).toBeUndefined();
  expect(published()[0]!.Message).toContain('The ledger knows how far it came with each cluster.');
  expect(published()[0]!.Message).toContain('The same command takes it up again.');
});
