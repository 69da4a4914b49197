import { describe, expect, it } from 'vitest';
import { findings } from '../../../lib/fleet/drift/findings.ts';
import type { Seen } from '../../../lib/fleet/drift/seen.ts';
import type { DriftState } from '../../../lib/fleet/drift/state.ts';
import type { Base } from '../../../lib/ledger/base.ts';
import { left, seen } from './seen.ts';

const [MONDAY, TUESDAY, WEDNESDAY] = ['2026-01-05', '2026-01-06', '2026-01-07'].map(
  (day) => `${day}T12:00:00.000Z`,
) as [string, string, string];

const check = (
  fleet: Seen[],
  now: string,
  {
    state = null,
    left = new Map(),
    atWork = false,
  }: { state?: DriftState | null; left?: Map<string, Base>; atWork?: boolean } = {},
) => findings(fleet, { left, state, atWork, vouched: new Set() }, { check: `check-${now}`, now });

const fleet = ['a/x', 'b/y', 'c/z'].map((name) => seen(name));
const runs = left({ 'a/x': 'usual', 'b/y': 'usual', 'c/z': 'usual' });
const changed = (...names: string[]) =>
  fleet.map((it) => (names.includes(it.name) ? { ...it, fingerprint: 'odd' } : it));

describe('databases that deviate', () => {
  it('are none where all are as a run has left them', () => {
    expect(check(fleet, MONDAY, { left: runs }).findings).toEqual([]);
  });

  it('in the same way are one finding: what was expected, what is there, whose word it was, and who has it so', () => {
    expect(check(changed('a/x', 'c/z'), MONDAY, { left: runs }).findings).toEqual([
      {
        ...{ kind: 'changed', expected: 'usual', found: 'odd', run: 'run-1', like: 'b/y', level: 'L', why: null },
        databases: ['a/x', 'c/z'].map((database) => ({ database, after: '2026-01-05T09:00:00.000Z', seen: MONDAY })),
      },
    ]);
  });

  it('have nobody to be held against where all have changed', () => {
    const all = check(changed('a/x', 'b/y', 'c/z'), MONDAY, { left: runs });
    expect(all.findings).toMatchObject([{ kind: 'changed', like: null, databases: [{}, {}, {}] }]);
  });

  it('are held against what the first check saw where no run has left anything', () => {
    const first = check(fleet, MONDAY);
    expect(first.findings).toEqual([]);
    const [finding] = check(changed('b/y'), TUESDAY, first).findings;
    expect(finding).toMatchObject({ kind: 'changed', run: null, databases: [{ after: MONDAY, seen: TUESDAY }] });
  });

  it('may be one by one what others are not, from the first check on', () => {
    const [finding] = check(changed('b/y'), MONDAY).findings;
    expect(finding).toMatchObject({
      ...{ kind: 'different', expected: 'usual', found: 'odd', run: null, like: 'a/x' },
      databases: [{ database: 'b/y', after: null, seen: MONDAY }],
    });
  });

  it('are no finding after a migration, whatever they look like', () => {
    const first = check(fleet, MONDAY, { left: runs });
    const migrated = fleet.map((it) => ({ ...it, fingerprint: 'newer', level: 'M', applied: 3 }));
    const second = check(migrated, TUESDAY, { state: first.state, left: runs });
    expect(second.findings).toEqual([]);
    expect(second.state.databases['a/x']?.base).toEqual({ fingerprint: 'newer', level: 'M', at: TUESDAY, run: null });
  });
});

describe('since when', () => {
  const monday = check(fleet, MONDAY, { left: runs }).state;
  const tuesday = check(changed('a/x'), TUESDAY, { state: monday, left: runs });

  it('is between the last look and the first that saw it', () => {
    expect(tuesday.findings[0]?.databases).toEqual([{ database: 'a/x', after: MONDAY, seen: TUESDAY }]);
  });

  it('stays as long as nothing changes', () => {
    const wednesday = check(changed('a/x'), WEDNESDAY, { state: tuesday.state, left: runs });
    expect(wednesday.findings).toEqual(tuesday.findings);
  });

  it('is anew when it changes again', () => {
    const odder = fleet.map((it) => (it.name === 'a/x' ? { ...it, fingerprint: 'odder' } : it));
    const wednesday = check(odder, WEDNESDAY, { state: tuesday.state, left: runs });
    expect(wednesday.findings[0]?.databases).toEqual([{ database: 'a/x', after: TUESDAY, seen: WEDNESDAY }]);
  });

  it('is not known of what runs have left unlike others: it may have been so before', () => {
    const unlike = left({ 'a/x': 'odd' });
    for (const name of ['b/y', 'c/z']) unlike.set(name, runs.get(name)!);
    const first = check(changed('a/x'), MONDAY, { left: unlike });
    expect(first.findings).toMatchObject([{ kind: 'different', databases: [{ after: null, seen: MONDAY }] }]);
    const again = check(changed('a/x'), TUESDAY, { left: unlike, state: first.state });
    expect(again.findings).toEqual(first.findings);
  });

  it('is not known of two that nobody can call right or wrong, each with the other to be held against', () => {
    const [one, other] = [seen('a/x', 'odd'), seen('b/y')];
    const { findings } = check([one, other], TUESDAY, { left: left({ 'a/x': 'odd', 'b/y': 'usual' }) });
    expect(findings).toMatchObject([
      { kind: 'apart', found: 'odd', like: 'b/y', run: null, databases: [{ after: null, seen: TUESDAY }] },
      { kind: 'apart', found: 'usual', like: 'a/x', run: null, databases: [{ after: null, seen: TUESDAY }] },
    ]);
  });

  it('is after a check that saw all alike, where the others have become otherwise', () => {
    const others = left({ 'b/y': 'newer', 'c/z': 'newer' });
    others.set('a/x', runs.get('a/x')!);
    const fleet = [seen('a/x'), seen('b/y', 'newer'), seen('c/z', 'newer')];
    expect(check(fleet, TUESDAY, { state: monday, left: others }).findings).toMatchObject([
      { kind: 'different', databases: [{ database: 'a/x', after: MONDAY, seen: TUESDAY }] },
    ]);
  });

  it('is after the run that came since the last look', () => {
    const later = left({ 'a/x': 'usual', 'b/y': 'usual', 'c/z': 'usual' }, { at: '2026-01-06T18:00:00.000Z' });
    const wednesday = check(changed('b/y'), WEDNESDAY, { state: tuesday.state, left: later });
    expect(wednesday.findings[0]?.databases[0]).toMatchObject({ after: '2026-01-06T18:00:00.000Z' });
  });
});

describe('migrations', () => {
  const behind = [...fleet.slice(0, 2), seen('c/z', 'older', { level: 'K', applied: 1 })];

  it('that others have are told of who lacks them', () => {
    expect(check(behind, MONDAY).findings).toMatchObject([
      { kind: 'migrations', like: 'a/x', level: 'K', databases: [{ database: 'c/z' }] },
    ]);
  });

  it('are not told while a run is at work: it may be on its way there', () => {
    expect(check(behind, MONDAY, { atWork: true }).findings).toEqual([]);
  });

  it('and a change may be told of the same database', () => {
    const bases = left({ 'c/z': 'other' }, { level: 'K' });
    expect(check(behind, MONDAY, { left: bases }).findings.map(({ kind }) => kind)).toEqual(['changed', 'migrations']);
  });

  it('of as many as others are held against the more common ones', () => {
    const edited = [...fleet.slice(0, 2), seen('c/z', 'usual', { level: 'K', applied: 2 })];
    expect(check(edited, MONDAY).findings).toMatchObject([{ kind: 'migrations', databases: [{ database: 'c/z' }] }]);
  });
});

describe('a database that can not be read', () => {
  const broken = [...fleet.slice(0, 2), seen('c/z', '', { level: '', applied: 0, problem: 'no login' })];

  it('is a finding, and what is known of it is kept', () => {
    const first = check(fleet, MONDAY, { left: runs });
    const second = check(broken, TUESDAY, { state: first.state, left: runs });
    expect(second.findings).toMatchObject([{ kind: 'unreadable', why: 'no login', databases: [{ database: 'c/z' }] }]);
    const third = check(changed('c/z'), WEDNESDAY, { state: second.state, left: runs });
    expect(third.findings).toMatchObject([{ kind: 'changed', databases: [{ database: 'c/z', seen: WEDNESDAY }] }]);
  });

  it('may never have been read', () => {
    const first = check(broken, MONDAY);
    expect(first.state.databases['c/z']).toMatchObject({ base: null, finding: 'unreadable' });
    expect(check(fleet, TUESDAY, { state: first.state }).findings).toEqual([]);
  });
});

describe('news', () => {
  const monday = check(fleet, MONDAY, { left: runs }).state;
  const tuesday = check(changed('a/x'), TUESDAY, { state: monday, left: runs }).state;
  const on = (it: Seen[], state: DriftState | null) => check(it, WEDNESDAY, { state, left: runs }).state.news;

  it.each([
    ['of what was found for the first time', changed('a/x'), monday, { fresh: 1, gone: 0 }],
    ['of a first check', changed('a/x', 'b/y'), null, { fresh: 2, gone: 0 }],
    ['of nothing where all stays as it is', changed('a/x'), tuesday, { fresh: 0, gone: 0 }],
    ['of what is no more', fleet, tuesday, { fresh: 0, gone: 1 }],
    ['of one that comes while another one goes', changed('b/y'), tuesday, { fresh: 1, gone: 1 }],
    [
      'of another change of the same database',
      [seen('a/x', 'odder'), ...fleet.slice(1)],
      tuesday,
      { fresh: 1, gone: 0 },
    ],
    ['of nothing where nothing ever was', fleet, null, { fresh: 0, gone: 0 }],
  ])('are told %s', (_, it, state, expected) => {
    expect(on(it, state)).toEqual(expected);
  });

  it('of a database that can not be read are told once', () => {
    const broken = [seen('a/x', '', { level: '', problem: 'no login' }), ...fleet.slice(1)];
    const first = check(broken, TUESDAY, { state: monday, left: runs }).state;
    expect(first.news).toEqual({ fresh: 1, gone: 0 });
    expect(on(broken, first)).toEqual({ fresh: 0, gone: 0 });
  });

  it('are told again by a step that is repeated', () => {
    const again = check(changed('a/x'), TUESDAY, { state: tuesday, left: runs }).state;
    expect([again.check, again.news]).toEqual([tuesday.check, { fresh: 1, gone: 0 }]);
  });
});
