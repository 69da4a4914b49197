import { expect, it } from 'vitest';
import { checksSection } from '../../lib/approval/page/checks.ts';
import { migrationsSection } from '../../lib/approval/page/migrations.ts';
import { requestPage } from '../../lib/approval/page/request-page.ts';
import { planView } from '../../lib/approval/plan-view.ts';
import { statementsView } from '../../lib/cli/approvals-view.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import type { Bundle, Check } from '../../lib/migrations/bundle.ts';
import { inWavesOf } from '../fleet/samples.ts';
import { readable } from './readable.ts';
import { at, asked as request } from './request.ts';
import { shopBundle, shopFleet } from './sample.ts';

const check = (name: string, when: Check['when'], sql: string): Check => ({
  ...{ name, file: `verify/${name}.sql`, checksum: 'a'.repeat(64), when, sql },
});
const bundle: Bundle = {
  ...shopBundle,
  migrations: shopBundle.migrations.map((it, at) =>
    at === 3 ? { ...it, directives: { losesRows: ['carts', 'shop.<items>'] } } : it,
  ),
  verify: [
    check('no_orphans', 'both', "SELECT * FROM orders\nWHERE note = '<all>'"),
    check('long', 'after', 'x'.repeat(9_000)),
  ],
};
const named = { service: 'shop', environment: 'production', digest: 'd', version: '1.0.0', policy: 'p', fleet: 'f' };
const { plan } = makePlan(bundle, shopFleet, { ...named, rollout: inWavesOf(1) });
const asked = { plan, bundle, previous: null };
const back = { ...asked, plan: { ...plan, direction: 'down' as const } };

it('the page shows every check, what it asks and when, and which rows a migration may take out', () => {
  const page = requestPage({
    ...{ request: request(), person: null, now: at('09:00:00'), asked, nonce: 'n', notice: null, typed: null },
  });
  const text = readable(String(page));
  expect(text).toMatch(/What must find no rows\s+verify\/no_orphans\.sql before and after\s+SELECT \* FROM orders/);
  expect(text).toContain('Cut here: 2,000 of 9,000 characters.');
  expect(text).toContain('May leave fewer rows in carts, shop.<items>.');
  expect(String(page)).not.toMatch(/<all>|<items>/);
});

it('the page names so many checks, and counts the rest', () => {
  const many = Array.from({ length: 23 }, (_, n) => check(`c${n}`, 'after', 'SELECT 1'));
  const text = readable(String(checksSection({ ...asked, bundle: { ...bundle, verify: many } })));
  expect(text).toContain('3 more checks in the bundle.');
  expect(text).not.toContain('c20');
});

it('the command line shows the same', () => {
  const view = planView(asked);
  expect(view.checks).toMatchObject([{ file: 'verify/no_orphans.sql', when: 'both' }, { sql: 'x'.repeat(2_000) }]);
  const lines = statementsView(view, 'd', false);
  expect(lines).toContain('      may leave fewer rows in carts, shop.<items>\n');
  expect(lines).toContain('verify/no_orphans.sql  must find no rows before and after\n');
});

it('a revert, which runs no checks and may take out what it likes, shows neither', () => {
  expect(String(checksSection(back))).toBe('');
  expect(String(migrationsSection(back))).not.toContain('fewer rows');
  expect(planView(back)).toMatchObject({ checks: [], migrations: [{}, {}, {}, { losesRows: [] }] });
});
