import { expect, test } from 'vitest';
import { HandlerError, invokeStep, lab, types } from './lab.ts';

const map = (states: Record<string, object>, fields: object = {}) => ({
  M: {
    Type: 'Map',
    Items: '{% $states.input.items %}',
    ItemProcessor: { StartAt: Object.keys(states)[0], States: states },
    End: true,
    ...fields,
  },
});

test('a map runs its processor once per item and keeps their order', async () => {
  const { output } = await lab().run(
    map({
      W: { Type: 'Wait', Seconds: '{% $states.input %}', Next: 'P' },
      P: { Type: 'Pass', Output: '{% $states.input * 10 %}', End: true },
    }) as never,
    { items: [3, 1, 2] },
  );
  expect(output).toEqual([30, 10, 20]);
});

test('ItemSelector makes each iteration’s input from the item, its index and the state’s input', async () => {
  const ItemSelector = {
    n: '{% $states.context.Map.Item.Index %}',
    item: '{% $states.context.Map.Item.Value %}',
    source: '{% $states.context.Map.Item.Source %}',
    of: '{% $states.input.name %}',
  };
  const { output } = await lab().run(map({ P: { Type: 'Pass', End: true } }, { ItemSelector }) as never, {
    items: ['a', 'b'],
    name: 'fleet',
  });
  expect(output).toEqual([
    { n: 0, item: 'a', source: 'STATE_DATA', of: 'fleet' },
    { n: 1, item: 'b', source: 'STATE_DATA', of: 'fleet' },
  ]);
});

test('without Items the state’s input is the list, and an empty list is fine', async () => {
  const { output, events } = await lab().run(
    map({ P: { Type: 'Pass', End: true } }, { Items: undefined }) as never,
    [],
  );
  expect(output).toEqual([]);
  expect(types(events)).toEqual([
    'ExecutionStarted',
    'MapStateEntered',
    'MapStateStarted',
    'MapStateSucceeded',
    'MapStateExited',
    'ExecutionSucceeded',
  ]);
});

test.each([[1], ['text'], [{ a: 1 }], [null]])('Items must not come to %j', async (items) => {
  const { error, cause, events } = await lab().run(map({ P: { Type: 'Pass', End: true } }) as never, { items });
  expect(error).toBe('States.QueryEvaluationError');
  expect(cause).toContain("Expected 'array'");
  expect(types(events).slice(-3)).toEqual(['EvaluationFailed', 'MapStateFailed', 'ExecutionFailed']);
});

test('one item that JSONata gives bare is not a list', async () => {
  const { error } = await lab().run(
    map({ P: { Type: 'Pass', End: true } }, { Items: '{% $states.input.items.name %}' }) as never,
    { items: [{ name: 'a' }] },
  );
  expect(error).toBe('States.QueryEvaluationError');
});

test.each([
  [1, 100],
  [10, 10],
  [0, 30],
  ['{% $states.input.most %}', 50],
  [1000, 30],
])(
  'with MaxConcurrency %s, a hundred waits of a second on forty places take what they must',
  async (MaxConcurrency, seconds) => {
    const items = Array.from({ length: 100 }, (_, n) => n);
    const waits = map({ W: { Type: 'Wait', Seconds: 1, End: true } }, { MaxConcurrency });
    expect((await lab().run(waits as never, { items, most: 2 })).seconds).toBe(seconds === 30 ? 3 : seconds);
  },
);

test('the first iteration that fails ends the map; the others are aborted and no more are started', async () => {
  const handler = async (n: number) => {
    if (n !== 2) return n;
    // Late enough for the other iteration to have begun to wait.
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new HandlerError('Bad');
  };
  const states = { T: invokeStep({ End: undefined, Next: 'W' }), W: { Type: 'Wait', Seconds: 500, End: true } };
  const { error, seconds, events } = await lab({ handler }).run(map(states, { MaxConcurrency: 2 }) as never, {
    items: [1, 2, 3],
  });
  expect([error, seconds]).toEqual(['Bad', 0]);
  expect(types(events)).toEqual(
    expect.arrayContaining(['MapIterationFailed', 'TaskStateAborted', 'MapIterationAborted', 'WaitStateAborted']),
  );
  expect(types(events).filter((type) => type === 'MapIterationStarted')).toHaveLength(2);
  expect(types(events).slice(-2)).toEqual(['MapStateFailed', 'ExecutionFailed']);
});

test('a retried map runs all items again', async () => {
  let calls = 0;
  const handler = () => {
    calls += 1;
    if (calls === 2) throw new HandlerError('Busy');
    return calls;
  };
  const { output, events } = await lab({ handler }).run(
    map({ T: invokeStep() }, { MaxConcurrency: 1, Retry: [{ ErrorEquals: ['Busy'] }] }) as never,
    { items: ['a', 'b'] },
  );
  expect(output).toEqual([3, 4]);
  expect(types(events)).not.toContain('MapStateFailed');
  expect(types(events).filter((type) => type === 'MapStateStarted')).toHaveLength(2);
});
