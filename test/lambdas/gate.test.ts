import { DescribeExecutionCommand, DescribeMapRunCommand } from '@aws-sdk/client-sfn';
import { GetCalendarStateCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import { setControl } from '../../lib/ledger/control.ts';
import { acquireLease, releaseLease } from '../../lib/ledger/lease.ts';
import { openRequest } from '../../lib/ledger/requests.ts';
import { recordRun, recordVerdict, runRecord } from '../../lib/ledger/runs.ts';
import { asked as request } from '../approval/request.ts';
import { run, verdict } from '../fleet/samples.ts';
import { awsError, mocks, step } from './harness.ts';

const gate = step('gate');
let held = run();
/** The ledger of a run that has the lease. */
const opened = async () => {
  const it = await gate.opened();
  const { token } = await acquireLease(it.ledger, run().execution, new Date(), async () => true);
  held = run({ token });
  return it;
};
const wave = (number: number) => ({
  ...{ wave: number, name: 'canary', clusters: 1, databases: 1, concurrency: 1, budget: 0, bake: 600 },
  ...{ key: `waves/${number}.json`, version: 'v' },
});
const rollout = { waves: [wave(1), wave(2)], onHalt: 'stop', alarms: [], healthCheck: false, canRevert: false };
const before = {
  ...{ at: 0, began: null, ended: null, again: false, health: null, holds: 0, answer: null },
  pardoned: { failed: 0, since: null },
};
const behind = { ...before, at: 1, began: new Date().toISOString() };
const event = (standing: object, mapRun: string | null = null, more: object = {}) => ({
  ...{ run: held, rollout, standing, mapRun, pace: null },
  ...more,
});
const children = (counts: object) => mocks.sfn.on(DescribeMapRunCommand).resolves({ executionCounts: counts } as never);

beforeEach(() => {
  children({ failed: 0, timedOut: 0, aborted: 0 });
});

describe('the gate', () => {
  it('lets the first wave in, asking nobody about what has not been yet', async () => {
    const { invoke } = await opened();
    expect(await invoke(event(before))).toMatchObject({ step: { next: 'wave', wave: { wave: 1 } }, ended: null });
    expect(mocks.sfn.commandCalls(DescribeMapRunCommand)).toEqual([]);
  });

  it('has a wave bake from when it first looked at it, and says so each time it looks', async () => {
    const { invoke } = await opened();
    const first = await invoke(event(behind, 'arn:map-run'));
    expect(first).toMatchObject({ step: { next: 'bake', seconds: 60 } });
    expect(Math.abs(Date.parse(first.ended) - Date.now())).toBeLessThan(60_000);
    const later = await invoke(event({ ...behind, ended: '2026-01-05T10:00:00.000Z' }, 'arn:map-run'));
    expect(later).toMatchObject({ step: { next: 'wave', wave: { wave: 2 } }, ended: '2026-01-05T10:00:00.000Z' });
  });

  it('knows from the ledger what has failed, and from the map which executions broke off without a word', async () => {
    const { invoke, ledger } = await opened();
    const failure = { ...{ migration: null, file: null, statement: null, line: null }, sqlstate: '', message: 'no' };
    children({ failed: 1, timedOut: 1, aborted: 1 });
    expect(await invoke(event(behind, 'arn:map-run'))).toMatchObject({
      step: { next: 'halt', reason: expect.stringContaining('3 clusters of wave 1 (canary) broke off without a word') },
    });
    children({});
    await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { verdict: 'failed', failure }), 1);
    expect(await invoke(event(behind, 'arn:map-run'))).toMatchObject({
      step: { next: 'halt', reason: '1 database failed in wave 1 (canary), and 0 may' },
    });
  });

  it('holds a run that somebody has paused', async () => {
    const { invoke, ledger } = await opened();
    await recordRun(ledger, { ...run(), status: 'RUNNING' });
    await setControl(ledger, 'run-1', { state: 'paused', by: 'Ada', reason: 'lunch', at: '2026-01-05T10:00:00Z' });
    expect(await invoke(event(before))).toMatchObject({ step: { next: 'hold', hold: { number: 1, wave: 0 } } });
  });

  it('fails if it can not look: a rollout does not go on unseen', async () => {
    const { invoke } = await opened();
    mocks.sfn.on(DescribeMapRunCommand).rejects(awsError('ResourceNotFound'));
    await expect(invoke(event(behind, 'arn:map-run'))).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });

  it('lets no wave in once the lease is another one’s, or the run has ended', async () => {
    const { invoke, ledger } = await opened();
    await recordRun(ledger, { ...held, status: 'ABORTED' });
    await releaseLease(ledger, held.execution);
    mocks.sfn.on(DescribeExecutionCommand, { executionArn: held.execution }).resolves({ status: 'ABORTED' });
    await expect(invoke(event(before))).rejects.toMatchObject({ name: 'LeaseLost' });
    await acquireLease(ledger, 'another', new Date(), async () => true);
    await expect(invoke(event(before))).rejects.toMatchObject({ name: 'LeaseLost' });
  });

  it('goes on with a run that was stopped and redriven, and has the lease again', async () => {
    const { invoke, ledger } = await opened();
    await recordRun(ledger, { ...held, status: 'ABORTED' });
    await releaseLease(ledger, held.execution);
    mocks.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    expect(await invoke(event(before))).toMatchObject({ step: { next: 'wave' } });
    expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'RUNNING' });
    expect(await releaseLease(ledger, held.execution)).toBe(true);
  });
});

describe('a gate with windows', () => {
  const at = (day: string) => new Date(Date.parse(day)).toISOString().slice(0, 10);
  const hours = { timeZone: 'UTC', weekly: [], closedDays: [], freezes: [] };
  const windows = { ...hours, outside: 'park', calendars: ['changes'], tenants: [] };
  const [yesterday, tomorrow] = [-1, 1].map((days) => at(new Date(Date.now() + days * 86_400_000).toISOString()));
  const frozen = { ...windows, calendars: [], freezes: [{ from: yesterday, to: tomorrow, reason: 'a test' }] };
  const started = () => ({ ...held, startedAt: new Date().toISOString() });
  const inWindows = (it: object) => event(before, null, { rollout: { ...rollout, windows: it }, run: started() });
  const states = (...all: object[]) =>
    mocks.ssm.on(GetCalendarStateCommand).callsFake(async () => (all.length > 1 ? all.shift() : all[0]));

  it('parks a run until a change calendar opens, and asks about whole seconds', async () => {
    const { invoke } = await opened();
    const opens = new Date(Date.now() + 7_200_000).toISOString();
    states({ State: 'CLOSED', NextTransitionTime: opens }, { State: 'OPEN' });
    expect(await invoke(inWindows(windows))).toMatchObject({
      step: { next: 'park', park: { until: opens, wave: 1, reason: 'a change calendar is closed' } },
    });
    const [first, second] = mocks.ssm.commandCalls(GetCalendarStateCommand).map(({ args: [{ input }] }) => input);
    expect(first).toEqual({ CalendarNames: ['changes'], AtTime: expect.stringMatching(/T\d\d:\d\d:\d\dZ$/) });
    expect(second?.AtTime).toBe(`${opens.slice(0, 19)}Z`);
  });

  it('begins no wave while nobody knows whether a calendar is open', async () => {
    const { invoke } = await opened();
    mocks.ssm.on(GetCalendarStateCommand).rejects(awsError('InvalidDocument'));
    await expect(invoke(inWindows(windows))).rejects.toMatchObject({
      name: 'CalendarUnreadable',
      message: expect.stringContaining('changes'),
    });
  });

  it('lets a run go on for which the glass was broken, whatever the hour, and no other', async () => {
    const { invoke, ledger } = await opened();
    expect(await invoke(inWindows(frozen))).toMatchObject({ step: { next: 'park' } });
    const vote = { ...glass, by: 'Dora', at: '2026-01-05T10:00:00Z' };
    await openRequest(ledger, { ...request(), run: 'run-1', votes: [vote] });
    expect(await invoke(inWindows(frozen))).toMatchObject({ step: { next: 'wave' } });
  });

  it('says how long the last wave took, by its own time or, before the first, by that of the environment before', async () => {
    const { invoke } = await opened();
    const known = { seconds: 30, rounds: 1, turns: 1 };
    expect(await invoke({ ...event(before), pace: known })).toMatchObject({ pace: known });
    const done = { ...behind, began: '2026-01-05T10:00:00.000Z', ended: '2026-01-05T10:02:00.000Z' };
    expect(await invoke({ ...event(done), pace: known })).toMatchObject({
      pace: { seconds: 120, rounds: 1, turns: 1 },
    });
    // What was left of a wave says nothing of a whole one.
    expect(await invoke({ ...event({ ...done, again: true }), pace: known })).toMatchObject({ pace: known });
  });
});

const glass = {
  ...{ decision: 'approved' as const, reason: 'checkout is down, nobody can pay', channel: 'iam' as const },
  ...{ assurance: 'high' as const, identity: 'arn', breakGlass: true as const },
};
