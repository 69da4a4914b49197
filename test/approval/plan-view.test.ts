import { expect, it } from 'vitest';
import { planView } from '../../lib/approval/plan-view.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { bundleOf, cluster, database, inWavesOf, statement } from '../fleet/samples.ts';

it('fits into an answer, whatever the size of what is asked', () => {
  const bundle = bundleOf('1', '2', '3');
  const [first, second, third] = bundle.migrations as [never, never, never] as { up: unknown[] }[];
  first!.up = [statement('SELECT 1')];
  second!.up = [statement(`DROP TABLE t /* ${'"'.repeat(900_000)} */`, { kind: 'DropStmt' })];
  third!.up = [statement('SELECT 3')];
  const named = {
    service: 's',
    environment: 'e',
    digest: 'd',
    rollout: inWavesOf(1),
    policy: 'p',
    fleet: 'f',
    version: '1.0.0',
  };
  const { plan } = makePlan(bundle, [cluster('a', database('x'))], named);
  const view = planView({ plan, bundle, previous: null });
  expect(view.migrations.map(({ statements }) => statements.map(({ sql }) => sql))).toEqual([
    ['SELECT 1'],
    [null],
    [null],
  ]);
  expect(view.worst?.sql).toHaveLength(2_000);
  expect(JSON.stringify(view).length).toBeLessThan(10_000);
});
