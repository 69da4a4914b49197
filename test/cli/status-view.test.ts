import { expect, it } from 'vitest';
import { statusMarkdown, statusView } from '../../lib/cli/status-view.ts';
import type { EnvironmentReading } from '../../lib/fleet/status.ts';
import { statusOf } from '../../lib/fleet/status.ts';

const files = ['001', '002', '003'].map((id) => ({ id, name: `step_${id}`, checksum: `sum-${id}` }));

const databases = (count: number, ids: string[], from = 0, fingerprint = `schema of ${ids}`) =>
  Array.from({ length: count }, (_, at) => ({
    cluster: `orders-${from + at}`,
    ...{ database: 'acme', fingerprint },
    history: ids.map((migration) => ({
      ...{ migration, position: Number(migration), checksum: `sum-${migration}`, state: 'applied' as const },
      ...{ step: 1, prefix: null, ordinal: Number(migration), milliseconds: 1 },
    })),
  }));

const document = (readings: EnvironmentReading[]) => ({
  ...{ service: 'shop', at: '2026-11-21T06:43:21Z', readings },
  ...statusOf(readings, files),
});

const lagging = document([
  { environment: 'dev', databases: databases(2, ['001', '002', '003']) },
  {
    environment: 'production',
    databases: [
      ...databases(97, ['001', '002']),
      ...databases(2, ['001'], 97),
      ...databases(1, ['001', '002'], 99, 'another'),
    ],
  },
]);

it('shows migrations that are not everywhere, and where each environment stands', () => {
  expect(statusView(lagging, false)).toBe(`MIGRATION     dev  production
001 step_001  ✓    ✓
002 step_002  ✓    98 of 100
003 step_003  ✓    –

ENVIRONMENT  DATABASES  VERSION       STATE
dev                  2  003 step_003  up to date
production          97  002 step_002  1 behind
                     2  001 step_001  2 behind: orders-97/acme, orders-98/acme
                     1  002 step_002  1 behind; drifted: orders-99/acme`);
});

it('counts what is everywhere', () => {
  const all = document([{ environment: 'dev', databases: databases(1, ['001', '002', '003']) }]);
  expect(statusView(all, false)).toContain('003 step_003  ✓\nand 2 more that are everywhere\n');
});

it('tells of a hotfix in words', () => {
  const hot = document([
    { environment: 'dev', databases: databases(1, ['001']) },
    { environment: 'production', databases: databases(1, ['001', '900']) },
  ]);
  expect(statusView(hot, false)).toContain('900 is applied in production and missing in dev, which comes before.');
});

it('makes tables of it for a pull request, in which nothing is mark-up', () => {
  const evil = document([
    {
      environment: 'dev',
      databases: [{ cluster: 'one', database: 'a|b<img>', problem: 'no\nsuch | thing' }],
    },
  ]);
  const text = statusMarkdown(evil);
  expect(text).toContain('| ENVIRONMENT | DATABASES | VERSION | STATE |\n| --- | --- | --- | --- |\n');
  expect(text).toMatch(/^\| dev \| 1 \| – \| .*no such \\\| thing: one\/a\\\|b\\<img\\>/m);
});

it('says that nothing is deployed', () => {
  expect(statusView(document([]), false)).toBe('No pipeline is deployed.');
});
