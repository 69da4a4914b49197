import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { archiveIn } from '../../../lib/local/step-functions/archive.ts';
import { temporary } from '../cloud-harness.ts';
import { lab } from './lab.ts';

test('gives back what was put down, in any order, and leaves no file behind', () => {
  const file = join(temporary(), 'folder', 'executions');
  const archive = archiveIn(file);
  const places = [{ text: 'ä'.repeat(10_000) }, [1, 2, { three: null }], 'last'].map((it) => archive.put(it));
  expect(places.toReversed().map((place) => archive.get(place))).toEqual([
    'last',
    [1, 2, { three: null }],
    { text: 'ä'.repeat(10_000) },
  ]);
  expect(archive.get(archive.put('after reading'))).toBe('after reading');
  archive.close();
  expect(existsSync(file)).toBe(false);
});

test('starts no more children in a second than it may, and all of them in the end', async () => {
  const { run, call } = lab({ childrenPerSecond: 2 });
  const it = await run(
    {
      M: {
        Type: 'Map',
        Items: '{% $states.input %}',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'P',
          States: { P: { Type: 'Pass', End: true } },
        },
        End: true,
      },
    },
    [1, 2, 3, 4, 5],
  );
  expect(it.output).toEqual([1, 2, 3, 4, 5]);
  const { mapRuns } = (await call('ListMapRuns', { executionArn: it.arn })) as { mapRuns: { mapRunArn: string }[] };
  const { executions } = (await call('ListExecutions', { mapRunArn: mapRuns[0]!.mapRunArn })) as {
    executions: { startDate: number }[];
  };
  const begun = executions.map(({ startDate }) => startDate - executions.at(-1)!.startDate);
  expect(begun.map(Math.round)).toEqual([2, 1, 1, 0, 0]);
});
