import { describe, expect, it } from 'vitest';
import { deviations } from '../../../lib/fleet/drift/expected.ts';
import type { Base } from '../../../lib/ledger/base.ts';

const base = (fingerprint: string, more: Partial<Base> = {}): Base => ({
  ...{ fingerprint, level: 'L', at: '2026-01-05T09:00:00.000Z', run: 'run-1' },
  ...more,
});

/** Databases as `name: [found, base]`; of level L unless the base says otherwise. */
const found = (
  fleet: Record<string, [found: string, base: Base | undefined, level?: string]>,
  vouched?: Set<string>,
) => {
  const standing = Object.entries(fleet).map(([name, [fingerprint, , level = 'L']]) => ({ name, fingerprint, level }));
  return deviations(standing, ({ name }) => fleet[name]![1], '2026-01-06T00:00:00.000Z', vouched);
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
  });

  it('is not outweighed by runs', () => {
    const seen = base('seen', { run: null });
    expect(told(found({ a: ['run', base('run')], b: ['seen', seen], c: ['seen', seen] }))).toEqual([
      'a different: seen → run',
    ]);
  });
});

describe('databases of which as many are one way as another', () => {
  const two: Parameters<typeof found>[0] = { a: ['y', base('y')], b: ['x', base('x')] };

  it('are told apart from each other, and none is blamed, whatever they are called', () => {
    const it = found(two);
    expect(told(it)).toEqual(['a apart: x → y', 'b apart: y → x']);
    expect(it.deviations.map(({ rivals }) => rivals)).toEqual([
      ['x', 'y'],
      ['x', 'y'],
    ]);
    expect(told(found({ b: two.a!, a: two.b! }))).toEqual(['b apart: x → y', 'a apart: y → x']);
  });

  it.each(['x', 'y'])('are held against what is vouched for: %s', (right) => {
    const [odd, name] = right === 'x' ? ['y', 'a'] : ['x', 'b'];
    expect(told(found(two, new Set([right])))).toEqual([`${name} different: ${right} → ${odd}`]);
  });

  it('are held against none that is vouched for where that is rarer', () => {
    expect(told(found({ ...two, c: ['x', base('x')] }, new Set(['y'])))).toEqual(['a different: x → y']);
  });

  it('are all right once all are like one of them', () => {
    expect(told(found({ a: ['x', base('y')], b: ['x', base('x')] }))).toEqual([]);
  });

  it('leave out who was changed, and who is like none of them', () => {
    const it = found({
      ...{ a: ['x', base('x')], b: ['x', base('x')], c: ['y', base('y')], d: ['x', base('y')] },
      e: ['z', base('z')],
    });
    expect(told(it)).toEqual([
      'a apart: y → x',
      'b apart: y → x',
      'c apart: x → y',
      'd changed: y → x',
      'e different: x → z',
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
