import { expect, test, vi } from 'vitest';
import { REASON } from '../../lib/approval/slack/blocks.ts';
import { approvalLink, decideByPage } from '../../lib/cli/decide-by-page.ts';
import { runEnvironment } from '../../lib/cli/run-environment.ts';
import { controlOf } from '../../lib/ledger/control.ts';
import { getRequest } from '../../lib/ledger/requests.ts';
import { parseFaults } from '../../lib/local/faults/plan.ts';
import { bundle } from '../../lib/migrations/build.ts';
import { folderOf } from '../helpers/folder.ts';
import { approvers, until } from './approvers.ts';
import { commands } from './commands.ts';
import { berta } from './shop/people.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const it = stage({}, { app: 'test/e2e/held' });
const { keys } = approvers(it);
const { as } = commands(it);

const files: Record<string, string> = {};
/** One migration more than the last time. */
const next = () => {
  const number = Object.keys(files).length / 2 + 1;
  files[`${number}_it.sql`] = `CREATE TABLE t${number} (id int);`;
  files[`${number}_it.down.sql`] = `DROP TABLE t${number};`;
  return files;
};

/** Runs it; approves as Ada does by her link, and does `meanwhile` when it is held, time standing still. */
const run = async (
  environment: string,
  meanwhile: (run: string) => Promise<unknown>,
  before = async (_: string) => {},
) => {
  const pipeline = it.pipeline(environment);
  let run = '';
  let acted: Promise<unknown> = Promise.resolve();
  const seen = new Set<string>();
  const end = it.deployed.cloud.inbox.on(({ subject = '', body }) => {
    const kind = subject.split(':')[0] ?? '';
    if (!body.includes(`Run ${run},`) || seen.has(kind) || !['Approve', 'Held'].includes(kind)) return;
    seen.add(kind);
    const approve = async () => {
      await before(run);
      await decideByPage(approvalLink(body, pipeline.approvalUrl)!, { decision: 'approved', environment, reason: '' });
    };
    acted = it.clock.busy(kind === 'Held' ? meanwhile(run) : approve());
    acted.catch(() => {});
  });
  const bundled = await bundle(await folderOf(next()));
  const on = (happening: { event: string; run?: string }) => {
    if (happening.event === 'started') run = happening.run ?? '';
  };
  const result = await runEnvironment(it.deployed, pipeline, bundled, on, () => {});
  end();
  await acted;
  const table = { client: it.deployed.clients.dynamodb, name: pipeline.ledger };
  return {
    ...{ result, run, hold: (await getRequest(table, `${run}#1`))!, control: await controlOf(table, run) },
  };
};

const shown = ({ exitCode, stdout, stderr }: Awaited<ReturnType<typeof as>>) => ({
  exitCode,
  told: `${stdout}${stderr}`,
});

// These tests tell one story, in this order.
test('from the command line a run is paused, seen held, and resumed by whoever may', async () => {
  const ended: Record<string, ReturnType<typeof shown>> = {};
  const {
    result,
    hold,
    control,
    run: name,
  } = await run(
    'held',
    async (run) => {
      ended.listed = shown(await as(null, 'approvals', 'held'));
      ended.stranger = shown(await as(keys.stranger(), 'resume', 'held', run, '--yes'));
      ended.unasked = shown(await as(keys.ada(), 'resume', 'held', run));
      ended.pause = shown(await as(keys.ada(), 'pause', 'held', run, '--reason', 'wait'));
      ended.resume = shown(await as(keys.ada(), 'resume', run, '--reason', 'known since Monday', '--yes'));
      ended.late = shown(await as(keys.berta(), 'revert', 'held', run, '--yes'));
    },
    async (run) => {
      ended.unreasoned = shown(await as(keys.ada(), 'pause', 'held', run));
      ended.paused = shown(await as(keys.ada(), 'pause', 'held', run, '--reason', 'the shop is slow'));
      ended.abandon = shown(await as(keys.ada(), 'abandon', 'held', run, '--reason', 'no', '--yes'));
    },
  );
  expect(ended.unreasoned).toMatchObject({ exitCode: 1, told: expect.stringContaining('ReasonNeeded') });
  expect(ended.paused).toMatchObject({
    exitCode: 0,
    told: expect.stringContaining(`${name} is paused, by Ada: the shop is slow. What is under way is finished`),
  });
  expect(ended.abandon).toMatchObject({ exitCode: 1, told: expect.stringContaining('WaitingForApproval') });
  expect(ended.listed?.told).toMatch(/^held +\S+ +hold 1\n +before its first wave: paused by Ada: the shop is slow\n/m);
  expect(ended.listed?.told).toContain('so far 1 not begun; expires');
  expect(ended.stranger).toMatchObject({ exitCode: 1, told: expect.stringContaining('UnknownPerson') });
  expect(ended.unasked).toMatchObject({ exitCode: 1, told: expect.stringContaining('NotConfirmed') });
  expect(ended.pause).toMatchObject({ exitCode: 1, told: expect.stringContaining('HeldAlready') });
  expect(ended.resume).toMatchObject({
    exitCode: 0,
    told: expect.stringContaining(`${name} is resumed by Ada: known since Monday. The rollout goes on.`),
  });
  expect(ended.late?.exitCode).toBe(1);
  expect(result.status).toBe('SUCCEEDED');
  expect(hold).toMatchObject({ outcome: { decision: 'resume' }, votes: [{ by: 'Ada', channel: 'iam' }] });
  expect(control).toMatchObject({ state: 'going', by: 'Ada' });
  expect(shown(await as(keys.ada(), 'pause', 'held', name, '--reason', 'late'))).toMatchObject({
    ...{ exitCode: 1, told: expect.stringContaining('RunNotAtWork') },
  });
  expect((await as(keys.ada(), 'abandon', 'nowhere', '--reason', 'x')).exitCode).toBe(2);
});

test('in Slack it is abandoned with a reason, and the message says so in the end', async () => {
  const { slack } = it.deployed.cloud;
  const {
    result,
    hold,
    run: name,
    control,
  } = await run('held', async (run) => {
    const message = () => slack.messages().find((it) => JSON.stringify(it.blocks).includes(`${run}#1`));
    const { ts } = await until(message);
    await slack.click({ user: berta.slack!, ts, actionId: 'lockstep_abandon' });
    const { id: viewId } = slack.view('T0HELD', berta.slack!)!;
    expect(await slack.submit({ user: berta.slack!, viewId, values: { [REASON]: ' ' } })).toHaveProperty('errors');
    await slack.submit({ user: berta.slack!, viewId, values: { [REASON]: 'wrong bundle' } });
  });
  expect(result).toMatchObject({
    status: 'FAILED',
    failure: { error: 'Abandoned', cause: 'Berta abandoned it: wrong bundle' },
  });
  expect(hold).toMatchObject({ votes: [{ by: 'Berta', channel: 'slack', assurance: 'high' }] });
  expect(control).toMatchObject({ state: 'abandoned', by: 'Berta' });
  const said = slack.messages().map(({ blocks }) => JSON.stringify(blocks));
  const [last] = said.filter((text) => text.includes('Held: shop') && text.includes(name));
  expect(last).toContain('abandoned by Berta: wrong bundle');
  expect(last).not.toContain('lockstep_resume');
});

test('a function that dies after it has written what was decided loses nothing: the reminder tells the run', async () => {
  let struck = 0;
  const { result, hold } = await run('held', async (run) => {
    const end = it.deployed.cloud.inject(parseFaults('states:SendTaskSuccess:before:crash@1'));
    expect((await as(keys.ada(), 'revert', 'held', run, '--reason', 'checkout fails', '--yes')).exitCode).toBe(1);
    struck = end();
  });
  expect(struck).toBe(1);
  expect(hold).toMatchObject({ outcome: { decision: 'revert' }, deliveredAt: expect.any(String) });
  expect(result.failure).toEqual({ error: 'RolloutHalted', cause: 'Ada had it taken back: checkout fails' });
});

test('where nobody is named and nobody says anything, it is abandoned when its time is up', async () => {
  const { result, hold } = await run('open', async () => {});
  expect(result.failure).toMatchObject({
    error: 'Abandoned',
    cause: expect.stringMatching(/^abandoned, since nobody decided before \d{4}-/),
  });
  expect(hold).toMatchObject({ approvers: [], outcome: { decision: 'expired' } });
});
