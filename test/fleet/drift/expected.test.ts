import { describe, expect, it } from 'vitest';
import { deviations } from '../../../lib/fleet/drift/expected.ts';
import type { Base } from '../../../lib/ledger/base.ts';

const base = (fingerprint: string, more: Partial<Base> = {}): Base => ({
  ...{ fingerprint, level: 'L', at: '2026-01-05T09:00:00.000Z', run: 'run-1' },
  ...more,
});

/** Databases as `name: [found, base]`; of level L unless the base says otherwise. */
const found = (fleet: Record<string, [found: string, base: Base | undefined, level?: string]>) => {
  const standing = Object.entries(fleet).map(([name, [fingerprint, , level = 'L']]) => ({ name, fingerprint, level }));
  return deviations(standing, ({ name }) => fleet[name]![1], '2026-01-06T00:00:00.000Z');
};

const told = (it: ReturnType<typeof found>) =>
  it.deviations.map(({ name, kind, expected, found }) => `${name} ${kind}: ${expected} → ${found}`);

const many = (count: number, of: [string, Base | undefined]) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, of]));

describe('a database that changed though no migration has run', () => {
  it('is found alone', () => {
    expect(told(found({ a: ['new', base('old')] }))).toEqual(['a changed: old → new']);
  });

  it('is found among others, and expected is what it was', () => {
    expect(told(found({ ...many(9, ['old', base('old')]), a: ['new', base('old')] }))).toEqual([
      'a changed: old → new',
    ]);
  });

  it('is found where most were changed in the same way', () => {
    const it = told(found({ ...many(9, ['new', base('old')]), a: ['old', base('old')] }));
    expect(it).toHaveLength(9);
    expect(it[0]).toBe('m0 changed: old → new');
  });
});

describe('a database that is what it was, but is not like others of its level', () => {
  it('differs from what most should be', () => {
    expect(told(found({ ...many(3, ['usual', base('usual')]), a: ['odd', base('odd')] }))).toEqual([
      'a different: usual → odd',
    ]);
  });

  it('is all right once it has come to what the others are, and that is remembered of it', () => {
    const it = found({ ...many(3, ['usual', base('usual')]), a: ['usual', base('odd')] });
    expect(told(it)).toEqual([]);
    expect(it.bases.get('a')).toEqual({ fingerprint: 'usual', level: 'L', at: '2026-01-06T00:00:00.000Z', run: null });
  });

  it('has changed where it has come to something else', () => {
    expect(told(found({ ...many(3, ['usual', base('usual')]), a: ['odder', base('odd')] }))).toEqual([
      'a changed: odd → odder',
    ]);
  });

  it('is held against what a run has left, where there are as many of one as of the other', () => {
    expect(told(found({ a: ['x', base('x', { run: null })], b: ['y', base('y')] }))).toEqual(['a different: y → x']);
    expect(told(found({ a: ['x', base('x')], b: ['y', base('y', { run: null })] }))).toEqual(['b different: x → y']);
    expect(told(found({ a: ['y', base('y')], b: ['x', base('x')] }))).toEqual(['a different: x → y']);
  });

  it('is not outweighed by runs', () => {
    const seen = base('seen', { run: null });
    expect(told(found({ a: ['run', base('run')], b: ['seen', seen], c: ['seen', seen] }))).toEqual([
      'a different: seen → run',
    ]);
  });
});

it('does not hold databases of different levels against each other', () => {
  const there = { a: ['x', base('x')], b: ['y', base('y', { level: 'M' }), 'M'] } as Parameters<typeof found>[0];
  expect(told(found(there))).toEqual([]);
});

it('takes a database that was never seen for what it is, and compares it all the same', () => {
  const it = found({ ...many(3, ['usual', base('usual')]), a: ['odd', undefined], b: ['usual', undefined] });
  expect(told(it)).toEqual(['a different: usual → odd']);
  expect(it.bases.get('a')).toEqual({ fingerprint: 'odd', level: 'L', at: '2026-01-06T00:00:00.000Z', run: null });
});
