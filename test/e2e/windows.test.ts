import { describe, expect, test, vi } from 'vitest';
import { approvalLink, decideByPage } from '../../lib/cli/decide-by-page.ts';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import type { Happening } from '../../lib/cli/progress.ts';
import { runEnvironment } from '../../lib/cli/run-environment.ts';
import { uploadBundle } from '../../lib/cli/start-run.ts';
import { bundle } from '../../lib/migrations/build.ts';
import { folderOf } from '../helpers/folder.ts';
import { approvers, until } from './approvers.ts';
import { commands } from './commands.ts';
import { stage } from './stage.ts';

vi.setConfig({ testTimeout: 180_000 });

const FRIDAY = new Date('2027-03-26T10:00:00Z');
const it = stage({}, { app: 'test/e2e/windows', start: FRIDAY });
const { keys } = approvers(it);
const { as } = commands(it);

const files: Record<string, string> = {};
/** One migration more than the last time. */
const next = () => {
  const number = Object.keys(files).length + 1;
  files[`${number}_it.sql`] = `CREATE TABLE t${number} (id int);`;
  return files;
};
const verdicts = ({ databases }: Pick<EnvironmentResult, 'databases'>) => databases.map(({ verdict }) => verdict);
const now = () => it.clock.now().toISOString();
const parkedIn = (happened: Happening[]) =>
  happened.flatMap((it) => (it.event === 'parked' ? [[it.parked.shown, it.parked.reason]] : []));

/**
 * Runs it, and approves by the link of the mail. Each time that it is parked, time stands still until whoever follows it
 * has been told, and the first time until `meanwhile` is done.
 */
const run = async (environment: string, meanwhile: (run: string) => Promise<unknown> = async () => {}) => {
  const pipeline = it.pipeline(environment);
  const happened: Happening[] = [];
  const acts: Promise<unknown>[] = [];
  let name = '';
  const seen = new Set<string>();
  const end = it.deployed.cloud.inbox.on(({ subject = '', body }) => {
    const isNew = body.includes(`un ${name}`) && !seen.has(subject);
    const act = async () => {
      if (subject.startsWith('Approve')) {
        const link = approvalLink(body, pipeline.approvalUrl)!;
        return decideByPage(link, { decision: 'approved', environment, reason: '' });
      }
      await until(() => parkedIn(happened).find(([shown]) => subject.endsWith(`until ${shown}`)));
      return parkedIn(happened).length === 1 ? meanwhile(name) : undefined;
    };
    if (!isNew || !/^(Approve|Parked)/.test(subject)) return;
    seen.add(subject);
    acts.push(it.clock.busy(act()));
    acts.at(-1)?.catch(() => {});
  });
  const on = (it: Happening) => {
    happened.push(it);
    if (it.event === 'started') name = it.run;
  };
  const bundled = await bundle(await folderOf(next()));
  const result = await runEnvironment(it.deployed, pipeline, bundled, on, () => {});
  end();
  await Promise.all(acts);
  return { result, happened, run: name };
};

const subjects = () => it.deployed.cloud.inbox.messages().map(({ subject = '' }) => subject);

// These tests tell one story, in this order: time only goes forward.
describe('a run that is approved outside of its window', () => {
  test('is parked, keeps the lease, shows that it is, and can be abandoned at once', async () => {
    const seen: Record<string, Awaited<ReturnType<typeof as>>> = {};
    let owner: unknown;
    const { result, run: name } = await run('nightly', async (run) => {
      owner = await it.leaseOwner('nightly');
      seen.approvals = await as(null, 'approvals', 'nightly');
      seen.one = await as(null, 'approvals', 'nightly', run, '--json');
      seen.history = await as(null, 'history', 'nightly');
      seen.other = await as(null, 'resume', 'nightly', run, '--yes');
      seen.abandoned = await as(keys.berta(), 'abandon', 'nightly', run, '--reason', 'not this weekend', '--yes');
    });
    expect(String(owner)).toContain(name);
    const told =
      'parked until 2027-03-28 00:30:00Z, Sunday 28 March 2027, 01:30 Europe/Berlin: its window is closed at';
    expect(seen.approvals?.stdout).toContain(`${name}  ${told}`);
    expect(JSON.parse(seen.one?.stdout ?? '').request.parked).toMatchObject({
      ...{ run: name, until: '2027-03-28T00:30:00.000Z', wave: 1, name: 'canary' },
    });
    expect(`${seen.approvals?.stdout}${seen.one?.stdout}`).not.toMatch(/token/i);
    expect(seen.history?.stdout).toContain(told);
    expect(seen.other?.exitCode).toBe(1);
    expect(seen.abandoned).toMatchObject({ exitCode: 0 });
    expect(result.failure).toEqual({ error: 'Abandoned', cause: 'Berta abandoned it: not this weekend' });
    expect(verdicts(result)).toEqual(['skipped', 'skipped']);
    expect(await it.leaseOwner('nightly')).toBeUndefined();
    expect(now().slice(0, 10)).toBe('2027-03-26');
    expect(subjects()).toContain('Parked: shop nightly, until Sunday 28 March 2027, 01:30 Europe/Berlin');
  });

  test('goes on at once if somebody breaks the glass, and everybody hears of it', async () => {
    let refused: Awaited<ReturnType<typeof as>> | undefined;
    let broken: Awaited<ReturnType<typeof as>> | undefined;
    const reason = 'checkout is down, nobody can pay any more';
    const { result, run: name } = await run('nightly', async (run) => {
      const glass = ['approve', 'nightly', run, '--break-glass', '--reason', reason, '--yes'];
      refused = await as(keys.berta(), ...glass);
      broken = await as(keys.ada(), ...glass);
    });
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused?.stderr).toContain('Berta may not break the glass here');
    expect(broken).toMatchObject({ exitCode: 0 });
    expect(broken?.stdout).toContain('Ada broke the glass to have it carried out outside of its window');
    expect(result.status).toBe('SUCCEEDED');
    expect(verdicts(result)).toEqual(['applied', 'applied']);
    expect(now().slice(0, 10)).toBe('2027-03-26');
    expect(result.approvals.filter(({ breakGlass }) => breakGlass).map(({ by }) => by)).toEqual(['Ada']);
    const mails = it.deployed.cloud.inbox.messages().filter(({ body }) => body.includes(name));
    const alarms = mails.filter(({ subject = '' }) => subject.startsWith('GLASS BROKEN'));
    expect(new Set(alarms.map(({ to }) => to?.endpoint)).size).toBe(3);
    expect(alarms[0]?.body).toContain('before its window opens');
  });
});

describe('a run that nobody has to approve', () => {
  test('is left by CI with exit code 3 while it is parked', async () => {
    const folder = await folderOf(next());
    const ended = await it.clock.busy(as(null, 'run', 'open', '--bundle', folder));
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toContain('parked until 2027-03-28 00:30:00Z, Sunday 28 March 2027, 01:30 Europe/Berlin');
    expect(ended.stdout).toMatch(/It goes on by itself then\. To end it: lockstep abandon open \S+/);
    const again = await it.clock.busy(as(null, 'run', 'open', '--bundle', folder));
    // A job that is started again finds it as it was left.
    expect(again.stderr).toContain('is at work already');
    expect(again.exitCode).toBe(3);
    const run = /lockstep abandon open (\S+)/.exec(ended.stdout)?.[1] ?? '';
    await it.clock.busy(as(null, 'abandon', 'open', run, '--reason', 'only a test', '--yes'));
    await expect.poll(() => it.leaseOwner('open'), { timeout: 30_000 }).toBeUndefined();
  });
});

describe('where runs are refused outside of their window', () => {
  test('one is not admitted, and says when it would be', async () => {
    const { result } = await run('strict');
    expect(result.failure).toMatchObject({ error: 'OutsideWindow' });
    expect(result.failure?.cause).toContain('The next window opens Sunday 28 March 2027, 01:30 Europe/Berlin.');
    expect(result.failure?.cause).toContain('--emergency');
    expect(await it.leaseOwner('strict')).toBeUndefined();
  });

  test('an emergency is admitted, and ends if people approve it without breaking the glass', async () => {
    const result = await emergency([]);
    expect(result.failure).toMatchObject({ error: 'OutsideWindow' });
    expect(verdicts(result)).toEqual(['skipped']);
  });

  test('an emergency goes ahead if somebody breaks it', async () => {
    const result = await emergency(['--break-glass', '--reason', 'checkout is down, nobody can pay any more']);
    expect(result.failure).toBeNull();
    expect(verdicts(result)).toEqual(['applied']);
    expect(now().slice(0, 10)).toBe('2027-03-26');
  });

  const emergency = async (glass: string[]) => {
    const bundled = await bundle(await folderOf(next()));
    const pipeline = it.pipeline('strict');
    await uploadBundle(it.deployed.clients, pipeline, bundled);
    const name = `emergency-${glass.length}`;
    const decide = async () => {
      await as(keys.ada(), 'approve', 'strict', name, '--yes', ...glass);
      // Nobody has announced the run, so that one more has to approve.
      if (glass.length === 0) await as(keys.berta(), 'approve', 'strict', name, '--yes');
    };
    const end = it.deployed.cloud.inbox.on(({ subject = '', body, to }) => {
      if (!subject.startsWith('Approve') || !body.includes(name) || to?.endpoint !== 'ada@example.com') return;
      void it.clock.busy(decide());
    });
    const report = await it.runAs(name, 'strict', files, { emergency: true });
    end();
    return report;
  };
});

describe('a rollout', () => {
  test('brings each database in the window of its label, while the change calendar is open', async () => {
    const at: Record<string, string> = {};
    const { result, happened } = await run('regions');
    for (const it of happened) if (it.event === 'database') at[it.verdict.database] = it.verdict.verdict;
    expect(result.status).toBe('SUCCEEDED');
    expect(at).toEqual({ tenant_1: 'applied', tenant_2: 'applied' });
    // Berlin's come first: not on this Friday, and on Saturday the calendar is closed. Then Tokyo's next night.
    expect(parkedIn(happened).map(([shown]) => shown)).toEqual([
      'Sunday 28 March 2027, 22:00 Europe/Berlin',
      'Tuesday 30 March 2027, 02:00 Asia/Tokyo',
    ]);
  });

  test('begins no wave that would not be done before its window closes', async () => {
    const { result, happened } = await run('short');
    expect(result.status).toBe('SUCCEEDED');
    expect(parkedIn(happened)).toEqual([
      ['Saturday 3 April 2027, 02:00 UTC', expect.stringContaining('its window is closed at Monday 29 March 2027')],
      [
        'Sunday 4 April 2027, 02:00 UTC',
        expect.stringMatching(
          /^by the pace so far it takes \d+ min, and its window closes Saturday 3 April 2027, 02:03 UTC$/,
        ),
      ],
    ]);
    expect(now().slice(0, 13)).toBe('2027-04-04T02');
  });
});
