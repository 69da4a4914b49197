import { expect, it, vi } from 'vitest';
import { step } from './harness.ts';
import { item } from './work-item.ts';

const { opened, logs } = step('record-failure');

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

it('hides nothing of an unexpected error from the log, and shows no stack of an expected one', async () => {
  const { invoke } = await opened();
  vi.stubEnv('LEDGER_TABLE', '');
  await expect(invoke(item({ error: { Error: 'X' } }))).rejects.toThrow('LEDGER_TABLE is not set');
  await expect(invoke({})).rejects.toThrow();
  const [unexpected, expected] = lines(logs());
  expect(unexpected.error).toMatchObject({ name: 'Error', stack: expect.stringContaining('services.ts') });
  expect(expected.error).toBe('InvalidInput');
});

it('logs a broken input under the run that it says it is of, not under the one before', async () => {
  const { invoke } = await opened();
  await invoke(item({ error: { Error: 'X' } }));
  await expect(invoke({ run: { run: 'run-2', execution: 'arn:run-2' } })).rejects.toThrow();
  await expect(invoke({ run: 7, cluster: [], database: null })).rejects.toThrow();
  await expect(invoke(null)).rejects.toThrow();
  const [second, third, fourth] = lines(logs());
  expect(second).toMatchObject({ run: 'run-2', execution: 'arn:run-2', task: 'RecordFailure', request: 'request-1' });
  for (const log of [second, third, fourth]) {
    expect(log).not.toHaveProperty('database');
    expect(log).not.toHaveProperty('cluster');
  }
  expect(third).not.toHaveProperty('run');
});

it('names every problem of an input at once', async () => {
  const { invoke } = await opened();
  const refused = invoke(item({ snapshot: 1, database: { database: 'Orders' }, error: {} }));
  await expect(refused).rejects.toMatchObject({ name: 'InvalidInput' });
  const { details } = await refused.catch((error) => error);
  expect(details.problems.map((it: string) => it.split(': ')[0])).toEqual([
    'snapshot',
    'database.database',
    'database.applied',
    'database.late',
    'database.installed',
    'database.blemishes',
    'error.Error',
  ]);
});
