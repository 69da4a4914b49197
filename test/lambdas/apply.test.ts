import { describe, expect, it } from 'vitest';
import { verdicts } from '../../lib/ledger/runs.ts';
import { awsError, dataApi, pages, statements, step, uploaded } from './harness.ts';
import { back, bundle, entry, item, planned, reversible } from './work-item.ts';

const { opened } = step('apply', {
  LOCK_TIMEOUT: '5000',
  LOCK_PATIENCE: '0',
  STATEMENT_TIMEOUT: '30000',
  GUARD_ROWS: 'yes',
  GUARD_SEQUENCES: 'yes',
});

/** What `lockstep.run` answers: a letter for each that is done, and what it stopped at. */
const answer = (done: string, stop: object | null = null) => ({ done, milliseconds: 10 * done.length, stop });

it('applies what the database lacks, in one call', async () => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  dataApi(answer('aa'));
  expect(await invoke(item())).toEqual({
    state: 'applied',
    applied: ['002', '003'],
    milliseconds: 20,
    dataApiCalls: 1,
  });
  const [call, ...more] = statements();
  expect(more).toEqual([]);
  expect(call).toMatchObject({
    resourceArn: 'arn:a',
    secretArn: 'secret-a',
    database: 'orders',
    continueAfterTimeout: true,
  });
  const parameters = Object.fromEntries(call!.parameters!.map(({ name, value }) => [name, value]));
  expect(parameters).toMatchObject({ run: { stringValue: 'run-1' }, token: { longValue: 7 } });
  const segments = JSON.parse(parameters.segments!.stringValue!);
  expect(segments.map(({ id, lockTimeout }: Record<string, string>) => [id, lockTimeout])).toEqual([
    ['002', '5000ms'],
    ['003', '5000ms'],
  ]);
  // What stands in the database is for Verify to say.
  expect(await verdicts(ledger, 'run-1')).toEqual([]);
});

it('installs its own schema first where that is missing', async () => {
  const { invoke } = await opened(uploaded(bundle));
  dataApi(null, answer('aa'));
  const told = await invoke(item({ database: { ...planned, installed: false } }));
  expect(told).toMatchObject({ state: 'applied', dataApiCalls: 2 });
});

it('says that a statement is still running, and counts the calls of all its tries', async () => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  dataApi(awsError('StatementTimeoutException', 'Request timed out'));
  const progress = { state: 'running', applied: [], milliseconds: 0, dataApiCalls: 4 };
  // One call more looks what is at work; here it gets no answer either.
  expect(await invoke(item({ progress, polls: 3 }))).toEqual({ ...progress, dataApiCalls: 6 });
  expect(await verdicts(ledger, 'run-1')).toEqual([]);
});

it('writes down what failed, where it stands, and what was applied before', async () => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  const failure = { statement: 2, sqlstate: '42P07', message: 'relation "b" already exists' };
  dataApi(answer('', { migration: '002', outcome: 'failed', run: 'run-1', failure }));
  const progress = { applied: [], milliseconds: 0, dataApiCalls: 2 };
  expect(await invoke(item({ progress }))).toMatchObject({ state: 'failed', applied: [], dataApiCalls: 3 });
  expect(await verdicts(ledger, 'run-1')).toEqual([
    {
      ...{ cluster: 'a', database: 'orders', verdict: 'failed', snapshot: 'lockstep-a', fingerprint: null },
      applied: [],
      reverted: [],
      failure: { migration: '002', file: '002_step_002.sql', line: 5, ...failure },
      milliseconds: 0,
      dataApiCalls: 3,
    },
  ]);
});

it.each([
  ['Fenced', answer('a', { migration: '003', outcome: 'fenced', by: 'run-2' })],
  ['HistoryConflict', answer('a', { migration: '003', outcome: 'edited' })],
  ['HistoryConflict', answer('a', { migration: '003', outcome: 'out of order', why: 'applied behind', other: '004' })],
  ['DatabaseUnreachable', awsError('AccessDeniedException')],
])('says what broke it off (%s), and what had been applied before', async (name, answer) => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  // History is asked afterwards.
  dataApi(answer, ['002']);
  expect(await invoke(item())).toMatchObject({ state: 'failed', applied: ['002'] });
  const [verdict] = await verdicts(ledger, 'run-1');
  expect(verdict).toMatchObject({
    verdict: 'failed',
    applied: ['002'],
    failure: { migration: null, message: expect.stringMatching(`^${name}: `) },
  });
});

it('applies what may come late before what comes after it', async () => {
  const { invoke } = await opened(uploaded(bundle));
  dataApi(answer('aa'));
  await invoke(item({ database: { ...planned, applied: 2, late: ['001'] } }));
  expect(sent()).toEqual([
    ['001', 'up'],
    ['003', 'up'],
  ]);
});

it('tells of a migration in doubt the evidence, and leaves the remedy to the report', async () => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  const failure = { statement: 1, sqlstate: '', message: 'statement 1 is in doubt' };
  dataApi(answer('a', { migration: '003', outcome: 'in doubt', run: 'run-0', failure }));
  expect(await invoke(item())).toMatchObject({ state: 'in doubt', applied: ['002'] });
  expect(await verdicts(ledger, 'run-1')).toMatchObject([
    { verdict: 'in doubt', applied: ['002'], failure: { migration: '003', message: 'statement 1 is in doubt' } },
  ]);
});

describe('taking a run back', () => {
  const history = [entry('001', 'run-x'), entry('002', 'run-0'), entry('003', 'run-0')];

  it('asks the database what there is of it, and takes that back newest first', async () => {
    const { invoke } = await opened(uploaded(reversible));
    dataApi(...pages(...history), answer('aa'));
    const answered = await invoke(item({ run: back }));
    expect(answered).toEqual({ state: 'applied', applied: ['003', '002'], milliseconds: 20, dataApiCalls: 3 });
    expect(sent()).toEqual([
      ['003', 'down'],
      ['002', 'down'],
    ]);
    // Another revert has to know whose migrations these are.
    expect(statements().at(-1)?.parameters).toContainEqual({
      name: 'run',
      value: { stringValue: 'run-1 reverting run-0' },
    });
  });

  it('tells again what it has taken back in an earlier call', async () => {
    const { invoke } = await opened(uploaded(reversible));
    const reverted = entry('003', 'run-1 reverting run-0', { state: 'reverted' });
    dataApi(...pages(...history.slice(0, 2), reverted), answer('ma'));
    expect(await invoke(item({ run: back }))).toMatchObject({ applied: ['003', '002'] });
  });

  it('takes nothing back where another run has been since', async () => {
    const { invoke, ledger } = await opened(uploaded(reversible));
    const later = [...history.slice(0, 2), entry('003', 'run-9')];
    dataApi(...pages(...later), ...pages(...later));
    expect(await invoke(item({ run: back }))).toMatchObject({ state: 'failed', applied: [] });
    const [verdict] = await verdicts(ledger, 'run-1');
    expect(verdict?.failure?.message).toMatch(/^RevertRefused: Run run-0 can't be reverted: 003 \(run run-9\) stands/);
  });

  it('finds the run behind what a person has resolved', async () => {
    const { invoke } = await opened(uploaded(reversible));
    const resolved = entry('003', 'resolve by anna', { state: 'reverting' });
    const resolution = (run: string) => ({
      ...{
        migration: '003',
        verdict: 'not applied',
        reason: 'looked',
        requestedBy: 'anna',
        role: 'admin',
        statement: null,
      },
      ...{ resolvedAt: '2026-01-05T09:00:00Z', before: { run }, after: {} },
    });
    const resolutions = pages(resolution('run-0'), resolution('resolve by anna'));
    dataApi(...pages(...history.slice(0, 2), resolved), ...resolutions, answer('aa'));
    expect(await invoke(item({ run: back }))).toMatchObject({ applied: ['003', '002'] });
  });

  it('says in the down file what failed, and what was taken back before', async () => {
    const { invoke, ledger } = await opened(uploaded(reversible));
    const failure = { statement: 1, sqlstate: '2BP01', message: 'other objects depend on it' };
    dataApi(...pages(...history), answer('a', { migration: '002', outcome: 'failed', failure }));
    expect(await invoke(item({ run: back }))).toMatchObject({ state: 'failed', applied: ['003'] });
    expect(await verdicts(ledger, 'run-1')).toMatchObject([
      { verdict: 'failed', applied: [], reverted: ['003'], failure: { file: '002.down.sql', line: 1 } },
    ]);
  });
});

/** Migrations as they were sent last, and in which direction. */
const sent = () => {
  const segments = statements()
    .at(-1)
    ?.parameters?.find(({ name }) => name === 'segments')?.value?.stringValue;
  return JSON.parse(segments ?? '[]').map(({ id, direction }: Record<string, string>) => [id, direction]);
};

it('sends nothing to the database when the bundle is not there', async () => {
  const { invoke } = await opened();
  await expect(invoke(item())).rejects.toMatchObject({ name: 'BundleNotFound' });
  expect(statements()).toEqual([]);
});

it.each([
  ['snapshot', { snapshot: undefined }],
  ['database.applied', { database: { ...planned, applied: '1' } }],
  ['run', { run: undefined }],
])('refuses an input with a bad %s: without a snapshot, no SQL', async (field, more) => {
  const { invoke } = await opened(uploaded(bundle));
  await expect(invoke(item(more))).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`Apply can't work with its input: ${field}: `),
  });
  expect(statements()).toEqual([]);
});
