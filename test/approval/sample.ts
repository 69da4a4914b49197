import type { Previous } from '../../lib/approval/mail.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { cluster, database, migration, statement } from '../fleet/samples.ts';

export const sampleBundle: Bundle = {
  format: 1,
  migrations: [
    migration('001', { file: '001_create_orders.sql', up: [statement('CREATE TABLE orders (id bigint)')] }),
    migration('002', {
      file: '002_drop_carts.sql',
      up: [
        statement("DELETE FROM carts\nWHERE note = '<b>&'", { kind: 'DeleteStmt', line: 2 }),
        statement('DROP TABLE carts', { kind: 'DropStmt', line: 5 }),
      ],
    }),
    migration('003', {
      file: '003_index.sql',
      mode: 'stepwise',
      up: [
        statement('CREATE INDEX CONCURRENTLY i ON orders (id)', {
          kind: 'IndexStmt',
          transactional: false,
          wire: 'CREATE …',
        }),
      ],
      down: {
        file: '003_index.down.sql',
        checksum: 'c'.repeat(64),
        mode: 'transactional',
        statements: [statement('DROP INDEX i', { kind: 'DropStmt' })],
      },
    }),
  ],
};

export const sampleFleet = [
  cluster('tenants-a', database('orders', 1)),
  cluster('tenants-b', database('orders', 3), database('billing', 2)),
];

/** What a team might really ask for: a column for everybody, an index, a function, a table that is not needed any more. */
export const shopBundle: Bundle = {
  format: 1,
  migrations: [
    migration('0041', {
      name: 'add_loyalty_tier',
      file: '0041_add_loyalty_tier.sql',
      up: [
        statement("CREATE TYPE loyalty_tier AS ENUM ('none', 'silver', 'gold')", { kind: 'CreateEnumStmt', line: 1 }),
        statement(
          "ALTER TABLE customers\n  ADD COLUMN tier loyalty_tier NOT NULL DEFAULT 'none', -- no rewrite: a constant\n  ADD COLUMN tier_since timestamptz",
          { kind: 'AlterTableStmt', line: 3 },
        ),
      ],
      down: {
        file: '0041_add_loyalty_tier.down.sql',
        checksum: 'e'.repeat(64),
        mode: 'transactional',
        statements: [
          statement('ALTER TABLE customers\n  DROP COLUMN tier_since,\n  DROP COLUMN tier', { kind: 'AlterTableStmt' }),
          statement('DROP TYPE loyalty_tier', { kind: 'DropStmt', line: 5 }),
        ],
      },
    }),
    migration('0042', {
      name: 'index_orders',
      file: '0042_index_orders_by_customer.sql',
      mode: 'stepwise',
      up: [
        statement(
          "CREATE INDEX CONCURRENTLY orders_by_customer\n  ON orders (customer_id, placed_at DESC)\n  WHERE state <> 'cancelled'",
          { kind: 'IndexStmt', transactional: false, wire: 'CREATE …' },
        ),
      ],
    }),
    migration('0043', {
      name: 'recalculate_totals',
      file: '0043_recalculate_totals.sql',
      up: [
        statement(
          'CREATE FUNCTION order_total(the_order bigint) RETURNS numeric\nLANGUAGE plpgsql STABLE AS $$\nDECLARE\n  total numeric := 0;\nBEGIN\n  /* shipping is part of\n     what the customer pays */\n  SELECT sum(quantity * price) + 4.90 INTO total\n  FROM order_lines WHERE order_id = the_order;\n  RETURN coalesce(total, 0);\nEND $$',
          { kind: 'CreateFunctionStmt', line: 1 },
        ),
        statement("UPDATE orders\nSET total = order_total(id)\nWHERE placed_at >= '2025-01-01'", {
          kind: 'UpdateStmt',
          line: 13,
        }),
      ],
    }),
    migration('0044', {
      name: 'drop_legacy_carts',
      file: '0044_drop_legacy_carts.sql',
      up: [
        statement("COMMENT ON TABLE carts IS 'superseded by baskets'", { kind: 'CommentStmt', line: 1 }),
        statement('DROP TABLE carts CASCADE', { kind: 'DropStmt', line: 2 }),
      ],
    }),
  ],
};

export const shopFleet = [
  cluster('shop-canary', database('tenant_internal', 0)),
  cluster('shop-eu-1', database('tenant_acme', 0), database('tenant_globex', 0), database('tenant_initech', 2)),
  cluster('shop-eu-2', database('tenant_umbrella', 0), database('tenant_stark', 4), database('tenant_wayne', 0)),
];

export const beforehand: Previous = {
  environment: 'staging',
  run: 'staging-20260104-1702',
  endedAt: '2026-01-04T17:03:11.000Z',
  requestedBy: 'ci',
  approvedBy: ['Berta'],
  milliseconds: 84_200,
  migrations: [
    { id: '0041', milliseconds: 38 },
    { id: '0042', milliseconds: 61_400 },
    { id: '0043', milliseconds: 22_340 },
    { id: '0044', milliseconds: 12 },
  ],
};
