import { describe, expect, it } from 'vitest';
import { colourOf } from '../../lib/approval/page/environment-colour.ts';
import { rolloutOf } from '../../lib/approval/page/rollout-groups.ts';
import { shareOut, shownMigrations } from '../../lib/approval/page/share-of-page.ts';
import { sqlListing } from '../../lib/approval/page/sql.ts';
import { style } from '../../lib/approval/page/style.ts';
import { duration, listed, timeLeft } from '../../lib/approval/page/words.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { bundleOf, cluster, database, inWavesOf, migration, statement } from '../fleet/samples.ts';

const planOf = (bundle: Bundle, ...fleet: Parameters<typeof makePlan>[1]) =>
  makePlan(bundle, fleet, {
    service: 's',
    environment: 'e',
    digest: 'd',
    rollout: inWavesOf(1),
    policy: 'p',
    fleet: 'f',
    version: '1.0.0',
  }).plan;

describe('a listing of SQL', () => {
  it('begins with its line in the file and marks every line by itself', () => {
    const text = String(sqlListing("SELECT 1 /* one\ntwo */ FROM t -- three\nWHERE a < '&'", 7));
    expect(text).toBe(
      '<ol class="sql" start="7">' +
        '<li><code><span class="hljs-keyword">SELECT</span> <span class="hljs-number">1</span> <span class="hljs-comment">/* one</span></code></li>' +
        '<li><code><span class="hljs-comment">two */</span> <span class="hljs-keyword">FROM</span> t <span class="hljs-comment">-- three</span></code></li>' +
        '<li><code><span class="hljs-keyword">WHERE</span> a &lt; <span class="hljs-string">&#x27;&amp;&#x27;</span></code></li></ol>',
    );
  });

  it('colours what stands between dollars too', () => {
    expect(String(sqlListing('DO $$\nBEGIN\n  NULL;\nEND $$', 1))).toContain(
      '<li><code><span class="language-pgsql"><span class="hljs-keyword">BEGIN</span></span></code></li>',
    );
  });
});

describe('the rollout', () => {
  it('tells databases of a wave that get the same together, the many before the few', () => {
    const plan = planOf(
      bundleOf('1', '2'),
      cluster('a', database('x', 1), database('y'), database('z')),
      cluster('b', database('x', 2), database('y', 1)),
    );
    expect(rolloutOf(plan)).toEqual({
      waves: [
        {
          ...{ wave: 1, clusters: 1, databases: 3 },
          groups: [
            { pending: ['1', '2'], databases: 2, clusters: [{ cluster: 'a', databases: ['y', 'z'] }] },
            { pending: ['2'], databases: 1, clusters: [{ cluster: 'a', databases: ['x'] }] },
          ],
        },
        {
          ...{ wave: 2, clusters: 1, databases: 1 },
          groups: [{ pending: ['2'], databases: 1, clusters: [{ cluster: 'b', databases: ['y'] }] }],
        },
      ],
      untouched: 1,
    });
  });
});

describe('the room on the page', () => {
  it('goes to the riskiest first, and to the way back last', () => {
    const long = (name: string, kind: string) => statement(`${name} ${'x'.repeat(15_000)}`, { kind });
    const ids = Array.from({ length: 16 }, (_, n) => String(n).padStart(2, '0'));
    const migrations = ids.map((id) =>
      migration(id, {
        up: [long('DROP TABLE', id === '15' ? 'DropStmt' : 'CreateStmt')],
        down: { file: 'd', checksum: 'c', mode: 'transactional', statements: [long('DROP TABLE', 'DropStmt')] },
      }),
    );
    const bundle: Bundle = { format: 1, migrations };
    const plan = planOf(bundle, cluster('a', database('x')));
    const share = shareOut(plan, bundle, plan.migrations);
    const shown = migrations.map(({ up }) => share.get(up[0]!)! > 15_000);
    expect([shown[15], shown[0], shown[14]]).toEqual([true, true, false]);
    expect(migrations.map(({ down }) => share.get(down!.statements[0]!))).toEqual(ids.map(() => 0));
  });

  it('holds a hundred and fifty migrations, of which none that is left out is riskier', () => {
    const ids = Array.from({ length: 200 }, (_, n) => String(n).padStart(3, '0'));
    const bundle: Bundle = {
      format: 1,
      migrations: ids.map((id, n) =>
        migration(id, n === 180 ? { up: [statement('DROP TABLE t', { kind: 'DropStmt' })] } : {}),
      ),
    };
    const { shown, named } = shownMigrations(planOf(bundle, cluster('a', database('x'))));
    expect([shown.length, named.length, shown.some(({ id }) => id === '180')]).toEqual([150, 50, true]);
    expect(shown.map(({ id }) => id)).toEqual(shown.map(({ id }) => id).toSorted());
  });
});

describe('colours', () => {
  it('are always the same for the same environment', () => {
    const names = ['dev', 'test', 'staging', 'qa', 'demo'];
    expect(names.map(colourOf)).toEqual(names.map(colourOf));
    expect(new Set(names.map(colourOf)).size).toBeGreaterThan(2);
  });

  it('of environments let white be read, at 4.5 to 1', () => {
    const all = [...style.matchAll(/--env: #(\w{6})/g)].map(([, hex]) => hex!);
    expect(all).toHaveLength(10);
    expect(all.filter((hex) => 1.05 / (luminance(hex) + 0.05) < 4.5)).toEqual([]);
  });
});

describe('words', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_234, '1.2 s'],
    [192_000, '3 min 12 s'],
    [7_500_000, '2 h 5 min'],
  ])('tell %i ms as %s', (milliseconds, text) => expect(duration(milliseconds)).toBe(text));

  it.each([
    [59_000, 'less than a minute'],
    [60_000, '1 min'],
    [11_520_000, '3 h 12 min'],
    [183_600_000, '2 days 3 h'],
    [86_400_000, '1 day'],
  ])('tell %i ms that are left as %s', (milliseconds, text) => expect(timeLeft(milliseconds)).toBe(text));

  it('list names as people do', () => {
    expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'], 'or')]).toEqual([
      '',
      'a',
      'a and b',
      'a, b or c',
    ]);
  });
});

/** Relative luminance of a colour, by WCAG 2. */
const luminance = (hex: string): number => {
  const [r, g, b] = [0, 2, 4]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((it) => (it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};
