import { expect, it } from 'vitest';
import { verdicts } from '../../lib/ledger/runs.ts';
import { awsError, dataApi, statements, step, uploaded } from './harness.ts';
import { bundle, item, planned } from './work-item.ts';

const { opened } = step('apply', { LOCK_TIMEOUT: '5000', LOCK_PATIENCE: '0', STATEMENT_TIMEOUT: '30000' });

const applied = (migration: string) => ({ migration, outcome: 'applied', run: 'run-1', milliseconds: 10 });

it('applies what the database lacks, in one call', async () => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  dataApi([applied('002'), applied('003')]);
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
  dataApi(null, [applied('002'), applied('003')]);
  const answer = await invoke(item({ database: { ...planned, installed: false } }));
  expect(answer).toMatchObject({ state: 'applied', dataApiCalls: 2 });
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
  dataApi([applied('001'), { migration: '002', outcome: 'failed', run: 'run-1', failure }]);
  const progress = { applied: [], milliseconds: 0, dataApiCalls: 2 };
  expect(await invoke(item({ progress }))).toMatchObject({ state: 'failed', applied: ['001'], dataApiCalls: 3 });
  expect(await verdicts(ledger, 'run-1')).toEqual([
    {
      ...{ cluster: 'a', database: 'orders', verdict: 'failed', snapshot: 'lockstep-a', fingerprint: null },
      applied: ['001'],
      failure: { migration: '002', file: '002_step_002.sql', line: 5, ...failure },
      milliseconds: 10,
      dataApiCalls: 3,
    },
  ]);
});

it.each([
  ['Fenced', [{ migration: '002', outcome: 'fenced', by: 'run-2' }]],
  ['HistoryConflict', [{ migration: '002', outcome: 'edited' }]],
  ['HistoryConflict', [{ migration: '002', outcome: 'out of order', head: '004' }]],
  ['DatabaseUnreachable', awsError('AccessDeniedException')],
])('says what broke it off (%s), and what had been applied before', async (name, answer) => {
  const { invoke, ledger } = await opened(uploaded(bundle));
  dataApi(answer);
  expect(await invoke(item())).toMatchObject({ state: 'failed' });
  const [verdict] = await verdicts(ledger, 'run-1');
  expect(verdict).toMatchObject({
    verdict: 'failed',
    failure: { migration: null, message: expect.stringMatching(`^${name}: `) },
  });
});

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
