import { expect, it } from 'vitest';
import { recordVerdict, verdicts } from '../../lib/ledger/runs.ts';
import { verdict } from '../fleet/samples.ts';
import { step } from './harness.ts';
import { item } from './work-item.ts';

const { opened } = step('record-failure');

const progress = { state: 'running', applied: ['002'], reverted: [], milliseconds: 20, dataApiCalls: 2 };

it.each([
  [
    'what a function says',
    '{"errorType":"Fenced","errorMessage":"orders has been taken over"}',
    'Fenced: orders has been taken over',
  ],
  ['a text as it is', 'Task timed out after 240.00 seconds', 'Fenced: Task timed out after 240.00 seconds'],
  ['JSON of another kind as it is', '{"a":1}', 'Fenced: {"a":1}'],
  ['nothing', undefined, 'Fenced: '],
])('writes down that a step broke, with %s', async (_, Cause, message) => {
  const { invoke, ledger } = await opened();
  expect(await invoke(item({ progress, error: { Error: 'Fenced', Cause } }))).toEqual({});
  expect(await verdicts(ledger, 'run-1')).toEqual([
    {
      ...{ cluster: 'a', database: 'orders', verdict: 'failed', snapshot: 'lockstep-a', fingerprint: null },
      ...{ applied: ['002'], reverted: [], milliseconds: 20, dataApiCalls: 2 },
      failure: { migration: null, file: null, statement: null, line: null, sqlstate: '', message },
    },
  ]);
});

it('takes the place of what was said before', async () => {
  const { invoke, ledger } = await opened();
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders'));
  await invoke(item({ error: { Error: 'X', Cause: 'y' } }));
  expect(await verdicts(ledger, 'run-1')).toMatchObject([{ verdict: 'failed', failure: { message: 'X: y' } }]);
});

it('keeps a cause that no ledger item could hold short', async () => {
  const { invoke, ledger } = await opened();
  await invoke(item({ error: { Error: 'X', Cause: 'x'.repeat(500_000) } }));
  expect((await verdicts(ledger, 'run-1'))[0]?.failure?.message).toHaveLength(8_000);
});

it.each([
  ['error', {}],
  ['error.Error', { error: { Cause: 'x' } }],
])('refuses an input with a bad %s', async (field, more) => {
  const { invoke } = await opened();
  await expect(invoke(item(more))).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`RecordFailure can't work with its input: ${field}: `),
  });
});
