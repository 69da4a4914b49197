import { describe, expect, test } from 'vitest';
import { code, fenced, html, plain } from '../../lib/cli/markdown.ts';
import { planMarkdown, unplannedMarkdown } from '../../lib/cli/plan-markdown.ts';
import { planJson, planText } from '../../lib/cli/plan-view.ts';
import type { Preview } from '../../lib/cli/preview.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { digest } from '../../lib/migrations/digest.ts';
import { cluster, database, inWavesOf, migration, statement } from '../fleet/samples.ts';

const drop = migration('3', { up: [statement('DROP TABLE t1', { kind: 'DropStmt', line: 4 })] });
const bundle: Bundle = { format: 1, migrations: [migration('1'), migration('2'), drop] };

/** As the step Lint tells them of that one. */
const found = [
  { rule: 'drop-table', severity: 'warning' as const, line: 4, column: 1, of: 't1' },
  { rule: 'if-not-exists', severity: 'info' as const, line: 4, column: 1, of: 't1' },
  {
    ...{ rule: 'grant-to-public', severity: 'error' as const, line: 4, column: 9 },
    excepted: { by: 'comment' as const, reason: 'read by all' },
  },
].map((it) => ({ ...it, migration: '3', file: '3_step_3.sql' }));

const planned = (environment: string, applied: number, of = bundle): Preview => {
  const named = { service: 'shop', environment, digest: digest(of), policy: '', fleet: '', version: '1' };
  const fleet = [cluster('a', database('one', applied), database('two', applied))];
  const { plan, planDigest } = makePlan(of, fleet, { ...named, rollout: inWavesOf(1), findings: found });
  return {
    service: 'shop',
    environment,
    digest: digest(of),
    plan: { ...plan, planDigest },
    failure: null,
  };
};
const refused: Preview = {
  ...{ service: 'shop', environment: 'production', digest: digest(bundle), plan: null },
  failure: { error: 'PlanRefused', cause: 'a/one: 1 was edited\n``` <img src=x> @everybody' },
};

describe('a plan as a comment', () => {
  const text = planMarkdown([planned('staging', 2), planned('production', 0)], bundle);

  test('is found again by its first line, which tells environments and nothing that changes', () => {
    expect(text.split('\n')[0]).toBe('<!-- lockstep plan: shop/staging shop/production -->');
    expect(planMarkdown([planned('staging', 3), refused], bundle).split('\n')[0]).toBe(text.split('\n')[0]);
  });

  test('tells what is pending where, and how dangerous it is', () => {
    expect(text).toContain(
      '| **staging** | bring 1 migration to 2 databases in 1 cluster | 1 | 🔴 high: `3_step_3.sql:4` ',
    );
    expect(text).toContain('| **production** | bring 3 migrations to 2 databases in 1 cluster | 1 | 🔴 high');
    expect(text).toContain('| migration | risk | why | staging | production |');
    expect(text).toContain('| `1_step_1.sql` | 🟢 low | adds without touching what is there | – | 2 |');
    expect(text).toContain(
      '| `3_step_3.sql` | 🔴 high | line 4 drops a table, schema or type with what it holds | 2 | 2 |',
    );
  });

  test('tells what rules have found in what is pending, but for notes and what is excepted', () => {
    const lines = text.split('\n').filter((line) => line.startsWith('- '));
    expect(lines).toEqual([
      expect.stringMatching(/^- ⚠️ `3_step_3\.sql:4` \*\*drop-table\*\*: drops t1 with its data.* Safe: /),
    ]);
    expect(planMarkdown([planned('staging', 3)], bundle)).not.toContain('drop-table');
  });

  test('has the SQL of each migration once', () => {
    expect(text.match(/```sql\nDROP TABLE t1;\n```/g)).toHaveLength(1);
    expect(text.match(/<details>/g)).toHaveLength(3);
  });

  test('says where nothing would be done, and where nothing could be planned and why', () => {
    const said = planMarkdown([planned('staging', 3), refused], bundle);
    expect(said).toContain('| **staging** | do nothing in 2 databases |  |  |');
    expect(said).toContain('| **production** | ❌ no plan, see below |  |  |');
    expect(said).toContain('````\nPlanRefused: a/one: 1 was edited\n``` <img src=x> @everybody\n````');
    expect(said).not.toContain('<details>');
  });

  test('fits into a comment, whatever its SQL', () => {
    const long = (id: string) => migration(id, { up: [statement(`SELECT '${'x'.repeat(30_000)}'`)] });
    const big: Bundle = { format: 1, migrations: ['1', '2', '3', '4'].map(long) };
    const said = planMarkdown([planned('staging', 0, big)], big);
    expect(said.length).toBeLessThan(65_536);
    expect(said).toMatch(/The SQL of 3 more migrations does not fit here\.$/);
    const many: Bundle = { format: 1, migrations: Array.from({ length: 900 }, (_, at) => migration(String(at + 1))) };
    expect(planMarkdown([planned('staging', 0, many)], many).length).toBeLessThan(65_536);
  });

  test('fits into a comment, however much there is to say before the SQL', () => {
    const environments = Array.from({ length: 40 }, (_, at) => `region-${at}`);
    const cause = '\u202e`'.repeat(20_000);
    const failing = environments.map((environment) => ({ ...refused, environment, failure: { error: 'E', cause } }));
    const migrations = Array.from({ length: 150 }, (_, at) => migration(String(at + 1), { name: 'n'.repeat(200) }));
    const many: Bundle = { format: 1, migrations };
    const good = environments.slice(0, 20).map((environment) => planned(environment, 0, many));
    const said = planMarkdown([...good, ...failing], many);
    expect(said.length).toBeLessThan(60_000);
    expect(said).toMatch(/^And \d+ more migrations\.$/m);
    expect(said).toMatch(/^Why \d+ more environments can't be planned does not fit here\.$/m);
  });

  test('tells what is wrong with the files in the same place, and no plan', () => {
    const named = [planned('staging', 2), planned('production', 0)];
    const error = Object.assign(new Error('1_a.sql:3:17 is wrong ```` <b>'), { name: 'MigrationsInvalid' });
    const said = unplannedMarkdown(named, error);
    expect(said.split('\n')[0]).toBe(text.split('\n')[0]);
    expect(said).toMatch(/\n`````\nMigrationsInvalid: 1_a\.sql:3:17 is wrong ```` <b>\n`````$/);
  });
});

test('a plan at a terminal tells the same, with the lines of the files', () => {
  const text = planText([planned('staging', 2), refused], bundle, false);
  expect(text).toContain('staging  a run would bring 1 migration to 2 databases in 1 cluster, in 1 wave; high risk');
  expect(text).toContain('✗ production  PlanRefused: a/one: 1 was edited ``` <img src=x> @everybody');
  expect(text).toMatch(/^MIGRATION {5}RISK {2}STAGING\n3_step_3\.sql {2}high {8}2$/m);
  expect(text).toContain('    4 DROP TABLE t1;');
  expect(text).toContain('warning drop-table: 3_step_3.sql:4 drops t1 with its data');
});

test('a plan as JSON has each pending migration with the environments that lack it', () => {
  expect(planJson([planned('staging', 2), planned('production', 1), refused], bundle)).toMatchObject({
    digest: digest(bundle),
    environments: [{ environment: 'staging' }, { environment: 'production' }, { plan: null, failure: refused.failure }],
    migrations: [
      { id: '2', databases: { production: 2 } },
      {
        id: '3',
        risk: 'high',
        databases: { staging: 2, production: 2 },
        statements: [{ line: 4, sql: 'DROP TABLE t1' }],
      },
    ],
  });
});

describe('drift in a fleet', () => {
  const changed = {
    ...{ kind: 'changed' as const, count: 2, databases: ['a/one', 'a/two'], found: 'f', acceptedBy: null },
    how: 'has index public.i besides',
  };
  const drifted = (applied: number): Preview => {
    const it = planned('staging', applied);
    return { ...it, plan: { ...it.plan!, drift: [changed] } };
  };
  const sentence = '2 databases (a/one, a/two) were changed, though no migration has run: has index public.i besides';

  test.each([2, 3])('is told with a plan, where %i of three migrations are there', (applied) => {
    expect(planText([drifted(applied)], bundle, false).split('\n')[1]).toBe(`  drift: ${sentence}`);
    const line = `- ⚠️ drift in **staging**: ${plain(sentence)}`;
    expect(planMarkdown([drifted(applied)], bundle).split('\n')).toContain(line);
    expect(planJson([drifted(applied)], bundle).environments).toMatchObject([{ plan: { drift: [changed] } }]);
  });

  test('is told in part where it would leave no room', () => {
    const many = Array.from({ length: 30 }, (_, at) => ({ ...drifted(2), environment: `region-${at}` }));
    const long = many.map((it) => ({ ...it, plan: { ...it.plan!, drift: [{ ...changed, how: 'x'.repeat(900) }] } }));
    expect(planMarkdown(long, bundle)).toMatch(/^- and \d+ more findings of drift, as `lockstep drift` tells$/m);
  });

  test('is none where an earlier version plans', () => {
    expect(planText([planned('staging', 2)], bundle, false)).not.toContain('drift');
  });
});

describe('a plan names each cluster that it leaves out, with why and what to do about it', () => {
  const problems = ['no Data API; switch it on: aws rds enable-http-endpoint', 'no writer'];
  const leaving = (...clusters: string[]): Preview => {
    const it = planned('staging', 3);
    return { ...it, plan: { ...it.plan!, unfit: clusters.map((cluster) => ({ cluster, problems })) } };
  };

  test('at a terminal, though nothing is pending', () => {
    expect(planText([leaving('ten-4')], bundle, false).split('\n')).toEqual([
      'staging  nothing pending in 2 databases',
      '! staging  ten-4 is left out: no Data API; switch it on: aws rds enable-http-endpoint; no writer',
    ]);
  });

  test('as a comment, as far as they fit', () => {
    expect(planMarkdown([leaving('ten-4')], bundle)).toContain(
      '- ⚠️ **staging** leaves out `ten-4`: no Data API; switch it on\\: aws rds enable-http-endpoint; no writer',
    );
    const many = planMarkdown([leaving(...Array.from({ length: 5_000 }, (_, at) => `ten-${at}`))], bundle);
    expect(many.length).toBeLessThan(8_000);
    expect(many).toMatch(/^- and \d,?\d+ more clusters, as `lockstep plan --json` tells$/m);
  });
});

describe('what others have written', () => {
  test('is no markup in a line', () => {
    expect(plain('a | b\n# *c* [d](e) <f> & @g')).toBe('a \\| b \\# \\*c\\* \\[d\\]\\(e\\) &lt;f\\> &amp; @<!-- -->g');
  });

  test('ends neither its code nor its cell nor its element', () => {
    expect(code('a`b|c\nd')).toBe("`a'b¦c d`");
    expect(html('</summary>&')).toBe('&lt;/summary&gt;&amp;');
  });

  test('closes no fence', () => {
    expect(fenced('`````\nx', 'sql')).toBe('``````sql\n`````\nx\n``````');
  });

  test('hides nothing from who reads it', () => {
    expect(fenced('a\u202eb')).toContain('⟨U+202E⟩');
  });
});

test('a plan tells which declared waves ask for clusters that are not there, as many as fit', () => {
  const asking = (...unmatched: string[]): Preview => {
    const it = planned('staging', 2);
    return { ...it, plan: { ...it.plan!, rollout: { ...it.plan!.rollout, unmatched } } };
  };
  const one = 'wave 1 asks for ten-9';
  expect(planText([asking(one)], bundle, false)).toContain(`! staging  ${one}`);
  expect(planMarkdown([asking(one)], bundle).split('\n')).toContain(`- ⚠️ **staging** ${plain(one)}`);
  const many = Array.from({ length: 100 }, (_, at) => `wave ${at} asks for ${'x'.repeat(100)}`);
  expect(planMarkdown([asking(...many)], bundle)).toMatch(/^- and \d+ more waves without clusters, as /m);
});
