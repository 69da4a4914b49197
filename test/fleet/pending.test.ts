import { describe, expect, it } from 'vitest';
import { prefixOf } from '../../lib/database/segments.ts';
import { pendingOf, type Row, standing } from '../../lib/fleet/pending.ts';
import { sha256 } from '../../lib/migrations/digest.ts';
import { bundleOf, migration, statement } from './samples.ts';

const bundle = bundleOf('001', '002', '003');

const row = (migration: string, more: Partial<Row> = {}): Row => ({
  migration,
  checksum: sha256(migration),
  state: 'applied',
  step: 1,
  prefix: null,
  ...more,
});

it.each([
  ['nothing', [], 0],
  ['a beginning', [row('001'), row('002')], 2],
  ['everything', [row('001'), row('002'), row('003')], 3],
  ['rows in another order', [row('002'), row('001')], 2],
])('counts what a database with %s has', (_, history, applied) => {
  expect(standing(bundle, history)).toEqual({ applied, late: [], problems: [] });
  expect(pendingOf(bundle, { applied, late: [] })).toEqual(['001', '002', '003'].slice(applied));
});

it.each(['failed', 'running', 'reverted'] as const)('counts a migration that is %s as pending', (state) => {
  expect(standing(bundle, [row('001'), row('002', { state, step: 0 })])).toEqual({
    applied: 1,
    late: [],
    problems: [],
  });
});

it('lets a failed migration be mended: its checksum binds nobody', () => {
  const history = [row('001'), row('002', { state: 'failed', step: 0, checksum: sha256('before it was mended') })];
  expect(standing(bundle, history)).toEqual({ applied: 1, late: [], problems: [] });
});

it('names a file that was edited after it was applied', () => {
  const { problems } = standing(bundle, [row('001', { checksum: sha256('other') }), row('002')]);
  expect(problems).toEqual([
    '001_step_001.sql was edited after it was applied. Restore it and add a new migration instead.',
  ]);
});

it('names every gap, what was applied beyond it, and both ways out', () => {
  const { problems, late } = standing(bundle, [row('003')]);
  const told = 'is not applied, but 003_step_003.sql, which comes after it, is. Give it a number above that, or';
  expect(problems).toEqual([
    expect.stringMatching(`^001_step_001.sql ${told} .*-- lockstep: out-of-order$`),
    expect.stringMatching(`^002_step_002.sql ${told}`),
  ]);
  expect(late).toEqual([]);
});

it('takes a failed migration before an applied one for a gap', () => {
  const { problems } = standing(bundle, [row('001', { state: 'failed', step: 0 }), row('002')]);
  expect(problems).toEqual([expect.stringContaining('001_step_001.sql is not applied, but 002_step_002.sql')]);
});

it('names what is applied but missing from the bundle', () => {
  const { applied, problems } = standing(bundle, [row('001'), row('000'), row('004')]);
  expect(applied).toBe(1);
  expect(problems).toEqual([
    '000 is applied in the database but missing from the bundle. Put its file back, or run a newer bundle.',
    '004 is applied in the database but missing from the bundle. Put its file back, or run a newer bundle.',
  ]);
});

it('lets go of a failed migration whose file is gone', () => {
  expect(standing(bundle, [row('001'), row('999', { state: 'failed', step: 0 })]).problems).toEqual([]);
});

it('finds all problems of a database at once', () => {
  const history = [row('001', { checksum: sha256('other') }), row('003'), row('004')];
  expect(standing(bundle, history).problems).toHaveLength(3);
});

describe('a migration that may come late', () => {
  const late = { directives: { outOfOrder: true } } as const;
  const mixed = {
    format: 1 as const,
    migrations: [migration('001', late), migration('002'), migration('003', late), migration('004'), migration('005')],
  };

  it('is pending below what is applied, before what comes after', () => {
    const place = standing(mixed, [row('002'), row('004')]);
    expect(place).toEqual({ applied: 4, late: ['001', '003'], problems: [] });
    expect(pendingOf(mixed, place)).toEqual(['001', '003', '005']);
  });

  it('is late once only, and not at all where nothing comes after it', () => {
    expect(standing(mixed, [row('001'), row('002')])).toEqual({ applied: 2, late: [], problems: [] });
  });

  it('excuses no other one', () => {
    const { late, problems } = standing(mixed, [row('001'), row('004')]);
    expect([late, problems]).toEqual([['003'], [expect.stringMatching(/^002_step_002\.sql is not applied, but 004/)]]);
  });
});

describe('files that were given other numbers', () => {
  it('are told as reordered where two have changed places', () => {
    const history = [row('001', { checksum: sha256('002') }), row('002', { checksum: sha256('001') })];
    expect(standing(bundle, history).problems).toEqual([
      '001_step_001.sql has another content than what was applied as 001: that is 002_step_002.sql now. Files were reordered; give them back their numbers.',
      expect.stringMatching(/^002_step_002\.sql .*that is 001_step_001\.sql now/),
    ]);
  });

  it('are told by their new number where the old one is gone', () => {
    const history = [row('001'), row('0015', { checksum: sha256('002') })];
    expect(standing(bundle, history).problems).toEqual([
      '0015 is applied in the database, and its file is 002_step_002.sql now. Give it back its number.',
    ]);
  });

  it('are not guessed where several have that content', () => {
    const twins = [migration('002', { checksum: sha256('twin') }), migration('003', { checksum: sha256('twin') })];
    const history = [row('001', { checksum: sha256('twin') })];
    expect(standing({ format: 1, migrations: [migration('001'), ...twins] }, history).problems).toEqual([
      expect.stringContaining('001_step_001.sql was edited'),
    ]);
  });
});

describe('a migration that got half-way', () => {
  const up = [statement('VACUUM a'), statement('VACUUM b'), statement('VACUUM c')];
  const stepwise = { format: 1 as const, migrations: [migration('001', { mode: 'stepwise', up })] };
  const half = (more: Partial<Row> = {}) => row('001', { state: 'failed', step: 2, prefix: prefixOf(up, 2), ...more });

  it.each(['failed', 'running'] as const)('is %s and pending, and may be mended behind what is done', (state) => {
    const mended = { ...stepwise, migrations: [migration('001', { up: [...up.slice(0, 2), statement('VACUUM d')] })] };
    expect(standing(mended, [half({ state })])).toEqual({ applied: 0, late: [], problems: [] });
  });

  it('must not be edited in what is done', () => {
    const edited = { ...stepwise, migrations: [migration('001', { up: [statement('VACUUM x'), ...up.slice(1)] })] };
    expect(standing(edited, [half()]).problems).toEqual([
      '001_step_001.sql got half-way there, and what is done of it (2 statements) was edited since. Restore that; only what comes after may be changed.',
    ]);
  });

  it('must not be taken out of the bundle', () => {
    expect(standing({ format: 1, migrations: [] }, [half()]).problems).toEqual([
      '001 got half-way in the database (2 statements done) but is missing from the bundle. Put its file back, or settle it with lockstep resolve.',
    ]);
  });

  it.each([stepwise, { format: 1 as const, migrations: [] }])('stops the plan where it is in doubt', (bundle) => {
    const { problems } = standing(bundle, [half({ state: 'in doubt' })]);
    expect(problems).toEqual([
      expect.stringMatching(/^001\S* is in doubt: .* statement 3 .* lockstep resolve ENVIRONMENT DATABASE 001 /),
    ]);
  });

  it('stops the plan where it is taken back half-way', () => {
    expect(standing(stepwise, [half({ state: 'reverting' })]).problems).toEqual([
      expect.stringMatching(/^001_step_001\.sql is taken back half-way there\. .*lockstep revert/),
    ]);
  });
});

it('says where a thousand databases with 360 migrations stand in less than a step may be given', () => {
  const many = bundleOf(...Array.from({ length: 360 }, (_, n) => `20260101${String(n).padStart(6, '0')}`));
  const place = standing(
    many,
    many.migrations.slice(1, 359).map(({ id }) => row(id)),
  );
  const { problems: _, ...compact } = place;
  const planned = { database: 'x'.repeat(63), ...compact, installed: true, blemishes: [] };
  expect(1000 * JSON.stringify(planned).length).toBeLessThan(224 * 1024);
});
