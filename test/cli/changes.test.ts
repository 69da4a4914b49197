import { expect, it } from 'vitest';
import { among, type Change, changesIn, sinceOf } from '../../lib/cli/changes.ts';
import { changesView } from '../../lib/cli/changes-view.ts';
import { answer } from '../../lib/cli/search-history.ts';
import type { Resolution } from '../../lib/database/history.ts';
import { evil, expectHarmless } from './evil.ts';
import { entry } from './in-doubt-entry.ts';

const where = { service: 'shop', environment: 'production', cluster: 'orders-1', database: 'acme' };

const change = (more: Partial<Change> = {}): Change => ({
  ...where,
  ...{ migration: '0014', name: 'create_refunds', became: 'applied', at: '2026-11-21T06:43:21Z', milliseconds: 3 },
  ...{ run: 'run-1', startedBy: 'arn:aws:iam::1:user/carl', approvedBy: ['Ada'], reason: null, ...more },
});

const now = new Date('2026-11-27T12:00:00Z');

it.each([
  ['7d', '2026-11-20T12:00:00.000Z'],
  ['12h', '2026-11-27T00:00:00.000Z'],
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2026-11-01T08:00:00+02:00', '2026-11-01T06:00:00.000Z'],
])('--since %s is %s', (since, at) => {
  expect(sinceOf(since, now).toISOString()).toBe(at);
});

it.each(['yesterday', '7', '2026-13-01', '2026-11-01T08:00', '-7d'])('--since %s is refused', (since) => {
  expect(() => sinceOf(since, now)).toThrow(`--since ${since} is no time.`);
});

it('finds a migration by its number or its name, and a person by a part of the name', () => {
  const all = [change(), change({ migration: '0015', name: 'view', startedBy: null, approvedBy: ['Berta'] })];
  expect(among(all, { migration: '0014' })).toEqual([all[0]]);
  expect(among(all, { migration: 'view' })).toEqual([all[1]]);
  expect(among(all, { person: 'CARL' })).toEqual([all[0]]);
  expect(among(all, { person: 'bert' })).toEqual([all[1]]);
});

it('leaves out what was before, and tells the rest oldest first', () => {
  const days = ['2026-11-25', '2026-11-19', '2026-11-22'].map((day) => change({ at: `${day}T00:00:00Z` }));
  expect(among(days, { since: sinceOf('2026-11-20', now) })).toEqual([days[2], days[0]]);
});

it('counts what people settled and adopted by hand among the changes', () => {
  const settled: Resolution = {
    ...{ migration: '0007', verdict: 'applied', statement: 2, reason: 'mails are there', requestedBy: 'ada' },
    ...{ role: 'clerk', resolvedAt: '2026-11-21T09:00:00Z', before: null, after: null },
  };
  const found = changesIn(where, [entry({ migration: '0001' })], [settled]);
  expect(found.map(({ migration, became, startedBy }) => [migration, became, startedBy])).toEqual([
    ['0001', 'applied', null],
    ['0007', 'settled', 'ada'],
  ]);
});

const all = { problems: [], ledger: true, complete: true };

it.each([
  ['nobody was asked for, and the ledger is not needed', { ledger: false }, false, true, 'was ever done'],
  ['somebody was asked for, and the ledger can be read', {}, true, true, 'was ever done'],
  ['somebody was asked for whom only the ledger knows', { ledger: false }, true, false, 'was found'],
  ['a database could not be read', { problems: ['acme'] }, false, false, 'was found'],
])('says that nothing was ever done only where that is known: %s', (_, more, byPerson, sound, said) => {
  const found = { changes: [], problems: [], ledger: true, ...more };
  const told = answer(found, byPerson, false, false);
  expect(told.sound).toBe(sound);
  expect(told.text).toMatch(new RegExp(`Nothing like that ${said}\\.$`));
  expect(JSON.parse(answer(found, byPerson, true, false).text)).toEqual(found);
});

it.each(['failed', 'in doubt'] as const)('is not sound where something is %s', (became) => {
  expect(answer({ changes: [change({ became })], ...all }, false, false, false).sound).toBe(false);
});

it('makes one line of what a run did in many databases, and names the only one', () => {
  const many = [change(), change({ cluster: 'orders-2' }), change({ environment: 'staging', approvedBy: [] })];
  const text = changesView(many, all, false);
  expect(text).toMatch(
    /^2026-11-21 06:43:21Z {2}production +0014 create_refunds {2}applied {2}2 +run-1 +arn:.*carl {2}Ada$/m,
  );
  expect(text).toMatch(/^2026-11-21 06:43:21Z {2}staging .* orders-1\/acme {2}run-1 +arn:.*carl {2}–$/m);
  expect(text).toMatch(/\n3 changes$/);
});

it('tells environments of several services apart', () => {
  const both = [change(), change({ service: 'billing' })];
  const text = changesView(both, all, false);
  expect(text).toMatch(/^2026-11-21 06:43:21Z {2}shop\/production {5}0014/m);
  expect(text).toMatch(/^2026-11-21 06:43:21Z {2}billing\/production {2}0014/m);
  expect(text).toMatch(/\n2 changes$/);
});

it('lets no text from elsewhere move the cursor', () => {
  const fields = ['cluster', 'database', 'migration', 'name', 'run', 'startedBy', 'reason'] as const;
  for (const field of fields) {
    const text = changesView([change({ [field]: evil })], all, false);
    expect(text).toContain('::error::way');
    expectHarmless(text);
  }
  const text = changesView(
    [change({ approvedBy: [evil] })],
    { problems: [evil], ledger: true, complete: false },
    false,
  );
  expectHarmless(text);
});
