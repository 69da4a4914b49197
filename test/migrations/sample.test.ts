import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { bundle } from '../../lib/migrations/build.ts';

it('the sample service has a first year of migrations, each with a way back', async () => {
  const { bundle: orders } = await bundle('migrations');
  expect(orders.migrations.map(({ id, name }) => `${id}_${name}`)).toEqual([
    '0001_create_customers',
    '0002_create_products',
    '0003_create_orders',
    '0004_index_orders_by_customer',
    '0005_touch_updated_at',
    '0006_reference_products_from_items',
    '0007_validate_products_from_items',
    '0008_add_order_totals',
    '0009_backfill_order_totals',
    '0010_require_order_totals',
    '0011_create_addresses',
    '0012_add_full_name',
    '0013_drop_name',
    '0014_create_refunds',
    '0015_view_open_orders',
  ]);
  expect(orders.migrations.filter(({ down }) => down === null)).toEqual([]);
  expect(orders.migrations.filter(({ mode }) => mode === 'stepwise').map(({ id }) => id)).toEqual(['0004']);
});

it('the sample says in a comment what each of its larger migrations is for', async () => {
  const { bundle: orders } = await bundle('migrations');
  for (const { file, up } of orders.migrations.filter(({ up }) => up.length > 2)) {
    expect(await readFile(`migrations/${file}`, 'utf8'), `${file}, ${up.length} statements`).toMatch(/^-- \w/m);
  }
});
