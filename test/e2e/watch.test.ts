import { describe, expect, test, vi } from 'vitest';
import type { Happening } from '../../lib/cli/progress.ts';
import { setControl } from '../../lib/ledger/control.ts';
import { lockstepWith } from './command.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const it = stage({}, { app: 'test/e2e/rollout' });

/** Starts a command as the owner of the account. */
const command = (...line: string[]) => lockstepWith(it.deployed.cloud.environment(), ...line);

/** Somebody who may do what README says that it takes, and nothing else. */
const watcher = (environment: string, ...states: string[]) => {
  const { cloud } = it.deployed;
  const { region, account } = cloud.place;
  const { bucket, ledger, stateMachineArn } = it.pipeline(environment);
  const machine = stateMachineArn.split(':').at(-1);
  const may = (Action: string[], ...Resource: string[]) => ({ Effect: 'Allow' as const, Action, Resource });
  const { accessKey } = cloud.createUser({
    name: `watcher-${environment}-${states.length}`,
    statements: [
      may(['ssm:GetParametersByPath'], `arn:aws:ssm:${region}:${account}:parameter/lockstep/*`),
      may(['dynamodb:GetItem', 'dynamodb:Query'], `arn:aws:dynamodb:${region}:${account}:table/${ledger}`),
      may(['s3:GetObject'], `arn:aws:s3:::${bucket}/*`),
      may(
        ['states:DescribeExecution', 'states:GetExecutionHistory'],
        `arn:aws:states:${region}:${account}:execution:${machine}:*`,
      ),
      ...(states.length > 0 ? [may(states, `arn:aws:states:${region}:${account}:mapRun:${machine}/*`)] : []),
    ],
  });
  return (...line: string[]) =>
    lockstepWith(
      {
        ...cloud.environment(),
        ...{ AWS_ACCESS_KEY_ID: accessKey.accessKeyId, AWS_SECRET_ACCESS_KEY: accessKey.secretAccessKey },
      },
      ...line,
    );
};

const waitFor = <It>(look: () => It) => vi.waitFor(look, { timeout: 60_000, interval: 100 });

/**
 * Runs files and does something when it comes so far, once, time standing still meanwhile, so that no restore point
 * gets done; gives the run's name and what became of it.
 */
const run = async (
  environment: string,
  files: Record<string, string>,
  when: (happened: Happening) => boolean,
  act: (run: string) => Promise<unknown>,
) => {
  let name = '';
  let acted: Promise<unknown> | undefined;
  const result = await it.run(environment, files, {
    on: (happened) => {
      if (happened.event === 'started') name = happened.run;
      if (acted || !when(happened)) return;
      acted = it.clock.busy(act(name));
      acted.catch(() => {});
    },
  });
  expect(acted).toBeDefined();
  await acted;
  return { result, run: name };
};

const files = { '1_items.sql': 'CREATE TABLE items (id int);' };

test('a run of somebody else is watched to its end, and throttled while a wave is at work', async () => {
  const anybody = watcher('budget', 'states:DescribeMapRun', 'states:UpdateMapRun');
  let plain: ReturnType<typeof command> | undefined;
  let json: ReturnType<typeof command> | undefined;
  const events = () =>
    (json?.stdout() ?? '')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const { result, run: name } = await run(
    'budget',
    files,
    ({ event, ...it }) => event === 'phase' && 'phase' in it && it.phase.phase === 'wave' && it.phase.wave === 2,
    async (run) => {
      plain = anybody('watch', 'budget', run);
      json = anybody('watch', run, '--json');
      const progress = () => events().findLast(({ event }) => event === 'progress');
      await waitFor(() => expect(progress()?.atWork).toMatchObject({ concurrency: 1, running: 1 }));
      expect(await anybody('throttle', run, '--concurrency', '3').ended).toMatchObject({
        ...{ exitCode: 0, stderr: '' },
        stdout: expect.stringContaining(`${run}: wave 2 has 1 → 3 clusters in hand at once.\n`),
      });
      const onlooker = watcher('budget', 'states:DescribeMapRun');
      expect(await onlooker('throttle', run, '--concurrency', '4').ended).toMatchObject({
        ...{
          exitCode: 1,
          stderr: expect.stringMatching(/^AccessDenied.*not authorized to perform: states:UpdateMapRun/),
        },
      });
      // The map takes more in hand, as told.
      await waitFor(() => expect(progress()?.atWork).toMatchObject({ concurrency: 3, running: 3 }));
      const back = await anybody('throttle', 'budget', run, '--concurrency', '2', '--json').ended;
      expect(JSON.parse(back.stdout)).toMatchObject({
        ...{ environment: 'budget', run, wave: 2, before: 3, after: 2, running: 3 },
      });
      await waitFor(() => expect(plain?.stdout()).toContain('wave 2 has 3 → 2 clusters in hand at once'));
    },
  );
  expect(result.status).toBe('SUCCEEDED');

  const { exitCode, stdout, stderr } = await plain!.ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const lines = stdout.replaceAll(/^budget {2}/gm, '').split('\n');
  expect(lines.slice(0, 4)).toEqual([
    `run ${name}`,
    '1 migration for 5 databases in 2 waves',
    'wave 1 of 2, canary: 1 database in 1 cluster, 1 may fail',
    expect.stringMatching(/^✓ shop-budget-1\/tenant_1 {2}1 migration applied in \d+ ms$/),
  ]);
  expect(lines).toContain('wave 2 of 2, rest: 4 databases in 4 clusters, 1 at once, 1 may fail');
  expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(5);
  expect(stdout).toMatch(/^budget {2}SUCCEEDED in \d+\.\d s, \d+ Data API calls/m);
  expect(stdout).toMatch(/^budget +shop-budget-5 +tenant_5 +1 +1 +lockstep-shop-budget-5/m);

  expect((await json!.ended).exitCode).toBe(0);
  expect(events().at(0)).toMatchObject({ event: 'started', run: name });
  expect(events().filter(({ event }) => event === 'restorePoint')).toHaveLength(5);
  expect(events().findLast(({ event }) => event === 'progress')).toMatchObject({ done: 5, databases: 5, atWork: null });
  expect(events().at(-1)).toMatchObject({ event: 'ended', status: 'SUCCEEDED', run: name, failure: null });

  // It is over.
  const again = await anybody('watch', name).ended;
  expect(again.exitCode).toBe(0);
  expect(again.stdout.split('\n').slice(2, 12)).toEqual(
    stdout
      .split('\n')
      .filter((line) => !line.includes('→'))
      .slice(2, 12),
  );
  expect(await anybody('throttle', name, '--concurrency', '3').ended).toMatchObject({
    ...{ exitCode: 1, stdout: '', stderr: expect.stringContaining(`${name} has ended as SUCCEEDED: there is nothing`) },
  });
});

// Its first wave is at work for long enough to be found there. From then on nothing waits for time to pass until the
// wave is done.
const slow = {
  '1_items.sql': "CREATE TABLE items (id int); SELECT pg_sleep(20) WHERE current_database() = 'tenant_1';",
};
const isInTheFirstWave = ({ event }: Happening) => event === 'restorePoint';

test('a run that is paused is seen to be, and held; nobody has to sit before it', async () => {
  let seen: Awaited<ReturnType<typeof command>['ended']> | undefined;
  const { result, run: name } = await run('held', slow, isInTheFirstWave, async (run) => {
    // Whoever may not ask the map sees the rest.
    const watching = watcher('held')('watch', 'held', run);
    await waitFor(() => expect(watching.stdout()).toContain('wave 1 of 2'));
    // As `lockstep pause` says it, but earlier than what is said below, although time stands still.
    const at = new Date(it.clock.now().getTime() - 60_000).toISOString();
    const table = { client: it.deployed.clients.dynamodb, name: it.pipeline('held').ledger };
    await setControl(table, run, { state: 'paused', by: 'Ada', reason: 'the shop is slow', at });
    await waitFor(() => expect(watching.stdout()).toMatch(/^held {2}paused by Ada: the shop is slow; what is under/m));
    seen = await watching.ended;
    const throttled = await command('throttle', 'held', run, '--concurrency', '2', '--json').ended;
    expect(throttled.exitCode).toBe(1);
    expect(JSON.parse(throttled.stdout)).toMatchObject({
      error: 'NoWaveAtWork',
      message: expect.stringContaining(`${run} is held: no wave of it is at work, and each begins as it is planned.`),
    });
    expect((await command('resume', 'held', run, '--yes').ended).exitCode).toBe(0);
  });
  expect(seen).toMatchObject({ exitCode: 3, stderr: '' });
  expect(seen?.stdout).toMatch(/^held {2}held after wave 1: paused by Ada: the shop is slow$/m);
  expect(seen?.stdout).toContain(`lockstep resume held ${name} lets it go on; abandon ends it`);
  expect(result.status).toBe('SUCCEEDED');
});

test('between two waves, it is told why nothing can be throttled, and whoever watches may leave', async () => {
  const { result } = await run(
    'watched',
    slow,
    // Time stands still before the bake begins, so that it is still there for whoever looks for it.
    isInTheFirstWave,
    async (run) => {
      const watching = command('watch', run);
      await waitFor(() => expect(watching.stdout()).toMatch(/^watched {2}bakes after wave 1 until /m));
      const { exitCode, stderr } = await command('throttle', 'watched', run, '--concurrency', '2').ended;
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/ bakes after wave 1 until \S+ \S+Z: no wave of it is at work.*lockstep watch watched /);
      watching.process.kill('SIGINT');
      // To watch is to look: nothing becomes of the run.
      expect((await watching.ended).stdout).not.toContain('SUCCEEDED');
    },
  );
  expect(result.status).toBe('SUCCEEDED');
});

describe('what is no run', () => {
  test.each([
    ['watch', 'budget', 'nowhere'],
    ['watch', 'nowhere'],
    ['throttle', 'budget', 'nowhere', '--concurrency', '2'],
    ['throttle', 'nowhere', '--concurrency', '2'],
  ])('is wrong usage: %s %s %s', async (...line) => {
    expect(await command(...line).ended).toMatchObject({
      ...{ exitCode: 2, stdout: '', stderr: expect.stringContaining('There is no run nowhere in ') },
    });
  });
});
