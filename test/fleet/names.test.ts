import { describe, expect, it } from 'vitest';
import { ClusterIdentifier, DatabaseName, FleetDeclaration } from '../../lib/fleet/fleet.ts';

const hostile = [
  '',
  ' orders',
  'orders ',
  'orders\n',
  'Orders',
  '1orders',
  '-orders',
  'orders;drop',
  "orders'--",
  '"orders"',
  'orders/../other',
  'orders:latest',
  'orders#1',
  '<script>',
  'örders',
  'orders\u202e',
  '$orders',
  'a'.repeat(64),
];

describe('a database', () => {
  it.each(['o', 'orders', '_orders', 'orders_2', 'tenant-42', 'a'.repeat(63)])('may be called %j', (name) => {
    expect(DatabaseName.safeParse(name).success).toBe(true);
  });

  it.each(hostile)('may not be called %j', (name) => {
    expect(DatabaseName.safeParse(name).success).toBe(false);
  });
});

describe('a cluster', () => {
  it.each(['o', 'orders', 'orders-2', 'a-b-c', 'a'.repeat(63)])('may be called %j', (name) => {
    expect(ClusterIdentifier.safeParse(name).success).toBe(true);
  });

  it.each([...hostile, 'orders_2', 'orders--2', 'orders-', '_orders'])('may not be called %j', (name) => {
    expect(ClusterIdentifier.safeParse(name).success).toBe(false);
  });

  it('says what a good name is', () => {
    expect(ClusterIdentifier.safeParse('a--b').error?.issues[0]?.message).toBe(
      'a cluster identifier is 1 to 63 of a-z 0-9 and single hyphens, begins with a letter and does not end with a hyphen',
    );
  });
});

it('refuses a declaration with a cluster without databases or with something it does not know', () => {
  const declared = { cluster: 'orders', secret: 's', databases: ['orders'] };
  const accepts = (it: object) => FleetDeclaration.safeParse([it]).success;
  expect(accepts(declared)).toBe(true);
  expect(accepts({ ...declared, databases: [] })).toBe(false);
  expect(accepts({ ...declared, secret: '' })).toBe(false);
  expect(accepts({ ...declared, engine: 'mysql' })).toBe(false);
});
