import { describe, expect, it } from 'vitest';
import { verdicts } from '../../lib/ledger/runs.ts';
import { sha256 } from '../../lib/migrations/digest.ts';
import { awsError, dataApi, pages, step, uploaded } from './harness.ts';
import { back, bundle, entry, item, reversible } from './work-item.ts';

const { opened, logs } = step('verify');

const progress = { state: 'applied', applied: ['002', '003'], reverted: [], milliseconds: 20, dataApiCalls: 2 };
/** Migration, position, checksum, state, statements done, their hash, order of application, and milliseconds. */
const done = (
  migration: string,
  checksum = sha256(migration),
  state = 'applied',
  milliseconds: number | null = null,
) => [
  ...[migration, Number(migration), checksum, state, state === 'applied' ? 1 : 0, null],
  ...[Number(migration), milliseconds],
];
const fingerprint = sha256('schema');

const found = (more: object = {}) => ({
  server: 170009,
  installed: true,
  history: ['001', '002', '003'].map((id) => done(id)),
  fingerprint,
  invalidIndexes: [],
  notValidated: [],
  ...more,
});

it('confirms a database that has all of the bundle', async () => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  dataApi(found());
  expect(await invoke(item({ progress }))).toEqual({ verdict: 'applied' });
  expect(await verdicts(ledger, 'run-1')).toEqual([
    {
      ...{ cluster: 'a', database: 'orders', verdict: 'applied', failure: null, snapshot: 'lockstep-a', fingerprint },
      ...{ applied: ['002', '003'], reverted: [], timings: [null, null], milliseconds: 20, dataApiCalls: 3 },
    },
  ]);
});

it('has from the database how long each migration of the run took there', async () => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  const timed = (id: string, milliseconds: number) => done(id, sha256(id), 'applied', milliseconds);
  dataApi(found({ history: [timed('001', 900), timed('002', 7), timed('003', 13)] }));
  await invoke(item({ progress }));
  expect(await verdicts(ledger, 'run-1')).toMatchObject([{ applied: ['002', '003'], timings: [7, 13] }]);
});

it('does not blame the run for what was there before', async () => {
  const { invoke } = await opened(uploaded(bundle));
  dataApi(found({ invalidIndexes: ['public.old_idx'] }));
  expect(await invoke(item({ progress }))).toEqual({ verdict: 'applied' });
});

it.each([
  ['a migration less', { history: [done('001'), done('002')] }, '003_step_003.sql is missing from the history'],
  ['no history', { history: [] }, '001_step_001.sql is missing from the history; 002'],
  [
    'a failed migration',
    { history: [done('001'), done('002'), done('003', 'x', 'failed')] },
    '003_step_003.sql is missing from the history',
  ],
  ['another content', { history: [done('001'), done('002', 'x'), done('003')] }, '002_step_002.sql was edited'],
  ['a new invalid index', { invalidIndexes: ['public.new_idx', 'public.old_idx'] }, 'index public.new_idx is invalid'],
  [
    'a new constraint that is not validated',
    { notValidated: ['public.t.c'] },
    'constraint public.t.c is not validated',
  ],
])('finds %s, whatever apply said', async (_, more, message) => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  dataApi(found(more));
  expect(await invoke(item({ progress }))).toEqual({ verdict: 'failed' });
  const [verdict] = await verdicts(ledger, 'run-1');
  expect(verdict).toMatchObject({ verdict: 'failed', fingerprint, applied: ['002', '003'], dataApiCalls: 3 });
  expect(verdict?.failure?.message).toMatch(new RegExp(`^${message}`));
});

describe('a run that takes another back', () => {
  const history = [entry('001', 'run-x'), entry('002', 'run-1 reverting run-0', { state: 'reverted' })];

  it('is confirmed where nothing of that is left', async () => {
    const { invoke, ledger } = await opened(uploaded(reversible));
    dataApi(found(), ...pages(...history));
    expect(await invoke(item({ run: back, progress }))).toEqual({ verdict: 'reverted' });
    expect(await verdicts(ledger, 'run-1')).toMatchObject([
      { verdict: 'reverted', applied: [], reverted: ['002', '003'], fingerprint, dataApiCalls: 5 },
    ]);
  });

  it('is found out where something is', async () => {
    const { invoke, ledger } = await opened(uploaded(reversible));
    dataApi(found({ invalidIndexes: ['public.i'] }), ...pages(...history, entry('003', 'run-0')));
    expect(await invoke(item({ run: back, progress }))).toEqual({ verdict: 'failed' });
    const [verdict] = await verdicts(ledger, 'run-1');
    expect(verdict?.failure?.message).toBe('003 of run run-0 still stands in the history; index public.i is invalid');
  });
});

it('finds everything at once', async () => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  dataApi(found({ history: [done('001'), done('002')], invalidIndexes: ['public.i'], notValidated: ['public.t.c'] }));
  await invoke(item({ progress }));
  const [verdict] = await verdicts(ledger, 'run-1');
  expect(verdict?.failure?.message.split('; ')).toHaveLength(3);
});

it('says nothing of a database that it can not see', async () => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  dataApi(awsError('ForbiddenException'));
  await expect(invoke(item({ progress }))).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  expect(await verdicts(ledger, 'run-1')).toEqual([]);
  expect(JSON.parse(logs())).toMatchObject({ task: 'Verify', run: 'run-1', cluster: 'a', database: 'orders' });
});

it('refuses an input without a database', async () => {
  const { invoke } = await opened(uploaded(bundle));
  await expect(invoke(item({ database: undefined }))).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining("Verify can't work with its input: database: "),
  });
});
