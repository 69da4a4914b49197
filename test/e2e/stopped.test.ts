import { DescribeExecutionCommand, RedriveExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test, vi } from 'vitest';
import { approvalLink, decideByPage } from '../../lib/cli/decide-by-page.ts';
import { startRestore } from '../../lib/cli/start-restore.ts';
import { idOf } from '../../lib/ledger/request.ts';
import { getRequest } from '../../lib/ledger/requests.ts';
import { runRecord } from '../../lib/ledger/runs.ts';
import { until } from './approvers.ts';
import { commands } from './commands.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const environment = 'held';
const it = stage({}, { app: 'test/e2e/held' });
const { as } = commands(it);

const files: Record<string, string> = { '1_first.sql': 'CREATE TABLE first (id int);' };
const more = { ...files, '2_second.sql': 'CREATE TABLE second (id int);' };
const ledger = () => ({ client: it.deployed.clients.dynamodb, name: it.pipeline(environment).ledger });

/** The first thing that people are asked under such a subject decides what happens; time stands still meanwhile. */
const onMails = (acts: Record<string, (link: string) => Promise<unknown>>) => {
  const seen = new Set<string>();
  return it.deployed.cloud.inbox.on(({ subject = '', body }) => {
    const kind = subject.split(':')[0] ?? '';
    const link = approvalLink(body, it.pipeline(environment).approvalUrl);
    const act = acts[kind];
    if (!act || link === undefined || seen.has(kind)) return;
    seen.add(kind);
    void it.clock.busy(act(link));
  });
};
const approve = (link: string) => decideByPage(link, { decision: 'approved', environment, reason: '' });
const resume = (link: string) => decideByPage(link, { decision: 'resume', environment, reason: 'seen' });
const stop = (executionArn: string, cause: string) =>
  it.deployed.clients.sfn.send(new StopExecutionCommand({ executionArn, cause }));

/** Runs files, and stops the run at the first mail of such a subject. Gives the run as it is once that is closed. */
const stoppedAt = async (kind: 'Approve' | 'Held', run: Record<string, string>, cause: string) => {
  let execution = '';
  let asked = '';
  const end = onMails({
    Approve: approve,
    Held: resume,
    [kind]: async (link: string) => {
      asked = link;
      await stop(execution, cause);
    },
  });
  const result = await it.run(environment, run, {
    on: (happening) => {
      if (happening.event === 'started') execution = happening.execution;
    },
    answer: async () => {},
  });
  end();
  expect(result.status).toBe('ABORTED');
  const record = await closed(result.run);
  return { ...result, asked, record, request: (await getRequest(ledger(), idOf({ run: result.run })))! };
};

/** Waits until nothing of a run is open any more, of which people are told last. */
const closed = (run: string) =>
  until(async () => {
    const record = await runRecord(ledger(), run);
    return record?.status !== 'RUNNING' && record?.untold === undefined ? record : undefined;
  });

const endOf = (executionArn: string) =>
  until(async () => {
    const { status } = await it.deployed.clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' ? undefined : status;
  });

const subjects = (run: string) =>
  it.deployed.cloud.inbox
    .messages()
    .filter(({ body }) => body.includes(`Run ${run} of shop`))
    .map(({ subject }) => subject);

// These tests tell one story, in this order.
test('a run that is stopped while it waits for approval leaves nothing open, and everybody knows', async () => {
  const { run, record, request, asked } = await stoppedAt('Approve', files, 'wrong bundle');
  expect(record).toMatchObject({ status: 'ABORTED', endedAt: expect.any(String) });
  expect(await it.leaseOwner(environment)).toBeUndefined();
  expect(request).toMatchObject({ outcome: { decision: 'stopped' }, votes: [] });
  expect(new Set(subjects(run))).toEqual(new Set(['STOPPED: shop held']));
  await expect(approve(asked)).rejects.toThrow(/Stopped The run ended before anybody decided/);
  const { stdout } = await as(null, 'approvals', environment);
  expect(stdout).toMatch(new RegExp(`^stopped +${run} [^]*closed: the run ended before anybody decided`, 'm'));
  const slack = it.deployed.cloud.slack.messages().find(({ blocks }) => JSON.stringify(blocks).includes(run));
  expect(JSON.stringify(slack?.blocks)).toContain(`Run ${run} ended: STOPPED: shop held`);
  expect(JSON.stringify(slack?.blocks)).not.toContain('lockstep_approve');
});

test('one that is stopped while it is held says so in the history of what it applied', async () => {
  const { run } = await stoppedAt('Held', files, 'enough');
  expect(await getRequest(ledger(), `${run}#1`)).toMatchObject({ outcome: { decision: 'stopped' } });
  expect(await it.leaseOwner(environment)).toBeUndefined();
  const { stdout, exitCode } = await as(null, 'history', environment);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`^RUNS\\n${run}  stopped \\d{4}-`, 'm'));
  expect(stdout).toMatch(new RegExp(`^${run}#1  .*; closed: the run ended before anybody decided`, 'm'));
  const told = JSON.parse((await as(null, 'history', environment, 'shop', '--json')).stdout);
  expect(told.runs).toMatchObject([{ run, status: 'ABORTED' }]);
});

test('the next run starts at once, and goes on with what is left', async () => {
  const end = onMails({ Approve: approve, Held: resume });
  const result = await it.run(environment, more, { answer: async () => {} });
  end();
  expect(result).toMatchObject({ status: 'SUCCEEDED', databases: [{ applied: ['2'] }] });
  expect(await it.leaseOwner(environment)).toBeUndefined();
});

test('one that is redriven asks again, has the lease again, and ends as any other', async () => {
  const third = { ...more, '3_third.sql': 'CREATE TABLE third (id int);' };
  const { run, execution } = await stoppedAt('Approve', third, 'a mistake');
  const end = onMails({ 'Still waiting': approve, Approve: approve, Held: resume });
  await it.deployed.clients.sfn.send(new RedriveExecutionCommand({ executionArn: execution }));
  const status = await endOf(execution);
  end();
  expect(status).toBe('SUCCEEDED');
  expect(await runRecord(ledger(), run)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await getRequest(ledger(), run)).toMatchObject({ outcome: { decision: 'approved' } });
  expect(await it.leaseOwner(environment)).toBeUndefined();
});

test('a restore is closed likewise, and can be redriven', async () => {
  const pipeline = it.pipeline(environment);
  const fourth = {
    ...more,
    '3_third.sql': 'CREATE TABLE third (id int);',
    '4_it.sql': 'CREATE TABLE fourth (id int);',
  };
  const ran = onMails({ Approve: approve, Held: resume });
  const { run, failure } = await it.run(environment, fourth, { answer: async () => {} });
  ran();
  expect(failure).toBeNull();
  const { digest } = (await runRecord(ledger(), run))!;
  let execution = '';
  const end = onMails({ Approve: () => stop(execution, 'not tonight') });
  const input = { run, swap: false, requestedBy: 'anna', digest };
  const started = await it.clock.busy(
    startRestore(it.deployed.clients, pipeline, input).then((one) => {
      execution = one.execution;
      return one;
    }),
  );
  expect(await closed(started.restore)).toMatchObject({ status: 'ABORTED', restores: run });
  end();
  expect(await it.leaseOwner(environment)).toBeUndefined();
  expect(await getRequest(ledger(), started.restore)).toMatchObject({ outcome: { decision: 'stopped' } });
  expect(subjects(started.restore)).toContain('STOPPED: shop held');
  const redriven = onMails({ 'Still waiting': approve, Approve: approve });
  await it.deployed.clients.sfn.send(new RedriveExecutionCommand({ executionArn: execution }));
  expect(await endOf(execution)).toBe('SUCCEEDED');
  redriven();
  expect(await runRecord(ledger(), started.restore)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await it.leaseOwner(environment)).toBeUndefined();
});
