import { expect, it } from 'vitest';
import { byTags } from '../../../lib/fleet/discovery/by-tags.ts';
import { keptName } from '../../../lib/fleet/restore/names.ts';

const own = { Key: 'service', Value: 'orders' };
const restored = [own, { Key: 'lockstep:cluster', Value: 'orders-1' }];

it('finds no cluster that a restore has put beside one of the fleet, though it carries the same tags', () => {
  const found = byTags({ source: 'tags', tags: { service: 'orders' }, databases: 'all' } as never, [
    { DBClusterIdentifier: 'orders-1', TagList: restored },
    { DBClusterIdentifier: 'orders-2', TagList: [own] },
    { DBClusterIdentifier: 'lockstep-restored-orders-1-0123456789ab', TagList: restored },
    { DBClusterIdentifier: keptName('orders-1', 'cluster-ABC', 'arn:run'), TagList: [own] },
    { DBClusterIdentifier: 'others', TagList: [] },
  ]);
  expect(found.map(({ cluster }) => cluster)).toEqual(['orders-1', 'orders-2']);
});
