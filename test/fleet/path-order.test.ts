import { expect, it, test } from 'vitest';
import { allBefore, inPath } from '../../lib/fleet/path-order.ts';
import { type EnvironmentReading, statusOf } from '../../lib/fleet/status.ts';

const reading = (environment: string, ids: string[], more: Partial<EnvironmentReading> = {}): EnvironmentReading => ({
  environment,
  databases: [
    {
      ...{ cluster: environment, database: 'shop', fingerprint: `schema of ${ids}` },
      history: ids.map((migration, at) => ({
        ...{ migration, position: at + 1, checksum: migration, state: 'applied' as const },
        ...{ step: 1, prefix: null, ordinal: at + 1, milliseconds: 1 },
      })),
    },
  ],
  ...more,
});
const names = (readings: EnvironmentReading[]) => readings.map(({ environment }) => environment);

test('a hotfix in a production of whatever name is found, though that has most migrations', () => {
  const staging = reading('staging', ['001']);
  const found = (live: EnvironmentReading) => statusOf(inPath([live, staging]), null).hotfixes;
  const hotfix = [{ migration: '900', in: ['live'], missingIn: ['staging'] }];
  expect(found(reading('live', ['001', '900'], { after: ['staging'] }))).toEqual(hotfix);
  expect(found(reading('live', ['001', '900'], { production: true }))).toEqual(hotfix);
});

test.each<[string, EnvironmentReading[], string[], string[]]>([
  [
    'by the paths that are declared',
    [
      reading('a', ['1', '2'], { after: ['c', 'b'], production: true }),
      reading('b', ['1', '2'], { after: ['c'] }),
      reading('c', ['1']),
    ],
    [],
    ['c', 'b', 'a'],
  ],
  [
    'production last of those that no path speaks of, then what has fewer, then by name',
    [
      reading('live', ['1', '2', '3'], { production: true }),
      reading('prod-like', ['1', '2'], { production: false }),
      reading('b', ['1']),
      reading('a', ['1']),
      reading('production', ['1', '2']),
    ],
    [],
    ['prod-like', 'a', 'b', 'live', 'production'],
  ],
  [
    'as they were named, whatever is declared',
    [reading('b', ['1'], { after: ['a'] }), reading('a', ['1', '2'])],
    ['b', 'a'],
    ['b', 'a'],
  ],
  [
    'what was named, and others where the paths have them',
    [reading('production', ['1'], { after: ['staging'] }), reading('staging', [])],
    ['production'],
    ['staging', 'production'],
  ],
  [
    'in any order where paths lead in a circle',
    [reading('b', ['1'], { after: ['a'] }), reading('a', ['1', '2'], { after: ['b'] })],
    [],
    ['a', 'b'],
  ],
])('environments come %s', (_, readings, named, order) => {
  expect(names(inPath(readings, named))).toEqual(order);
});

it('knows what comes before by way of others, once around', () => {
  const declared = [
    { environment: 'production', after: ['staging', 'hotfix'] },
    { environment: 'staging', after: ['test'] },
    { environment: 'hotfix' },
    { environment: 'test', after: ['production', 'staging'] },
  ];
  expect(allBefore('production', declared).toSorted()).toEqual(['hotfix', 'staging', 'test']);
  expect(allBefore('hotfix', declared)).toEqual([]);
});
