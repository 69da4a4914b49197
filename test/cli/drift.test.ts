import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Drifted } from '../../lib/cli/drift-check.ts';
import { acceptDrift, acceptedView, repairDrift } from '../../lib/cli/drift-script.ts';
import { driftView } from '../../lib/cli/drift-view.ts';
import type { DriftReport, Finding } from '../../lib/fleet/drift/report.ts';
import { bundle } from '../../lib/migrations/build.ts';
import { folderOf } from '../helpers/folder.ts';
import { lockstep } from '../helpers/lockstep.ts';

const finding = (more: Partial<Finding> = {}): Finding => ({
  ...{
    kind: 'changed',
    expected: 'e'.repeat(64),
    found: 'f'.repeat(64),
    run: 'run-1',
    like: 'b/y',
    count: 2,
    why: null,
  },
  databases: [{ database: 'a/x', after: '2026-01-05T09:00:00.000Z', seen: '2026-01-06T05:00:00.000Z' }],
  objects: [
    { object: 'index public.i', is: 'missing', expected: 'CREATE INDEX i ON t (a)', found: null },
    { object: 'view public.v', is: 'different', expected: ' SELECT 1;', found: 'SELECT\n  2;' },
  ],
  ...more,
});

const report = (findings: Finding[], more: Partial<DriftReport> = {}): DriftReport => ({
  ...{
    check: '_drift/c',
    service: 'shop',
    environment: 'production',
    startedAt: 'x',
    endedAt: '2026-01-06T05:00:00.000Z',
  },
  ...{ failure: null, atWork: null, databases: 3, alike: 3 - findings.length, findings, problems: [], dataApiCalls: 3 },
  ...more,
});

describe('what a check has found', () => {
  it('is told object by object, with the definitions, since when, and what to do', () => {
    expect(driftView(report([finding()]), false)).toBe(
      [
        '2 of 3 databases are as they should be in production, 2026-01-06 05:00 UTC.',
        '',
        '✗ changed without a migration in 1 database: a/x',
        '  between 2026-01-05 09:00 UTC and 2026-01-06 05:00 UTC; run run-1 left it as expected',
        '  - index public.i  missing',
        '      expected: CREATE INDEX i ON t (a)',
        '  ~ view public.v  different',
        '      expected:  SELECT 1;',
        '      found:    SELECT',
        '                 2;',
        '  to accept it: lockstep drift accept production a/x',
        '  to mend it:   lockstep drift repair production a/x',
      ].join('\n'),
    );
  });

  it('blames none of those that nobody can call right or wrong', () => {
    const databases = [{ database: 'a/x', after: null, seen: '2026-01-06T05:00:00.000Z' }];
    const [missing, changed] = finding().objects!;
    const more = { object: 'table public.t', is: 'not expected' as const, expected: null, found: null };
    const shown = driftView(
      report([finding({ kind: 'apart', databases, objects: [missing!, changed!, more] })]),
      false,
    );
    expect(shown.split('\n').slice(2)).toEqual([
      '✗ unlike as many others with the same migrations, and nobody can say which are right, in 1 database: a/x',
      '  seen since 2026-01-06 05:00 UTC; held against b/y',
      '  - index public.i  only there',
      '      there:    CREATE INDEX i ON t (a)',
      '  ~ view public.v  different',
      '      there:     SELECT 1;',
      '      here:     SELECT',
      '                 2;',
      '  + table public.t  only here',
      '  to have all like it:  lockstep drift accept production a/x',
      '  to have it like them: lockstep drift repair production a/x',
    ]);
  });

  it('is one line where it is nothing', () => {
    expect(driftView(report([]), false)).toBe(
      'All 3 databases are as they should be in production, 2026-01-06 05:00 UTC.',
    );
  });

  it('tells what else there is: problems, a run at work, what is unknown, who is behind or can not be read', () => {
    const databases = Array.from({ length: 12 }, (_, n) => ({
      database: `c/${n}`,
      after: null,
      seen: '2026-01-06T05:00:00.000Z',
    }));
    const shown = driftView(
      report(
        [
          finding({ kind: 'different', run: null, objects: null, count: 0, why: 'nobody has kept that' }),
          finding({ kind: 'migrations', objects: null, why: 'lacks migration 3', databases }),
          finding({ kind: 'unreadable', objects: null, why: 'no login\u001b[2J' }),
        ],
        { problems: ['d: is stopped'], atWork: 'arn:execution' },
      ),
      false,
    );
    expect(shown).toContain('A run is at work (arn:execution)');
    expect(shown).toContain('! d: is stopped');
    expect(shown).toContain('✗ unlike others with the same migrations in 1 database: a/x\n');
    expect(shown).toContain('; held against b/y\n  nobody has kept that\n');
    expect(shown).toContain(
      'in 12 databases: c/0, c/1, c/2, c/3, c/4, c/5, c/6, c/7, c/8, c/9 and 2 more\n  seen since',
    );
    expect(shown).toContain("✗ can't be looked at in 1 database: a/x\n  no login");
    expect(shown).not.toContain('\u001b');
    expect(shown).not.toContain('to accept it');
  });
});

const thing = (object: string, parent: string | null, text: string) => ({ object, parent, hash: text, text });
const table = thing('table public.t', 'schema public', '');
const index = thing('index public.i', 'table public.t', 'CREATE INDEX i ON public.t USING btree (a)');
const state = (labels: string) => thing('enum public.e', 'schema public', labels);
const drifted: Drifted = {
  ...{ database: 'a/x', finding: finding(), expected: [table, state("'a'")], found: [table, state("'a'"), index] },
};

/** What each migration of a folder accepts, as a plan will see it. */
const acceptsIn = async (folder: string) =>
  (await bundle(folder)).bundle.migrations.map(({ directives }) => directives?.acceptsDrift);

describe('lockstep drift accept', () => {
  const now = new Date('2026-01-06T12:00:00.000Z');

  it('writes the next file of the folder: what it accepts, and SQL without effect where that is', async () => {
    const folder = await folderOf({ '001_a.sql': 'SELECT 1', '002_b.sql': 'SELECT 1' });
    const file = join(folder, '003_accept_drift_of_x.sql');
    expect(await acceptDrift(drifted, 'production', folder, now)).toEqual({
      ...{ file, database: 'a/x', fingerprint: 'f'.repeat(64), byHand: [] },
    });
    const text = await readFile(file, 'utf8');
    expect(text.split('\n')).toEqual([
      `-- lockstep: accepts-drift=${'f'.repeat(64)}`,
      expect.stringMatching(/^-- Gives to all databases what was found in production: 1 database \(a\/x\) was changed/),
      '-- Proposed by Lockstep. Read it, and make sure that this is what all of them should have.',
      '',
      '-- index public.i: made there without a migration',
      '-- lockstep allow concurrently-if-not-exists: it is there already where it was found',
      'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON public.t USING btree (a);',
      '',
    ]);
    const { exitCode, stdout } = await lockstep('check', folder);
    expect([exitCode, stdout]).toEqual([0, expect.not.stringContaining('warning')]);
  });

  it('says what is to be written by hand', async () => {
    const folder = await folderOf({ '001_a.sql': 'SELECT 1' });
    const it = { ...drifted, found: [table, state("'a', 'b'")] };
    const { byHand, file } = await acceptDrift(it, 'production', folder, now);
    expect(byHand).toEqual(['enum public.e']);
    expect((await lockstep('check', folder)).exitCode).toBe(0);
    expect(await readFile(file, 'utf8')).toContain(
      "-- to be written by hand: enum public.e: changed there without a migration\n--   it is now: 'a'\n--   it should be: 'a', 'b'",
    );
  });

  it('writes a file that is sound and accepts nothing as long as something is to be written by hand', async () => {
    const folder = await folderOf({ '001_a.sql': 'CREATE TABLE t (a bigint)' });
    const it = { ...drifted, found: [table, state("'a', 'b'"), index] };
    const written = await acceptDrift(it, 'production', folder, now);
    const head = `-- lockstep: accepts-drift=${'f'.repeat(64)}`;
    const text = await readFile(written.file, 'utf8');
    expect(text.split('\n').slice(0, 2)).toEqual([
      '-- Not complete, so that it accepts nothing yet. To be written by hand: enum public.e.',
      `-- When all of that is written, put this line first: "${head}"`,
    ]);
    expect((await lockstep('check', folder)).exitCode).toBe(0);
    expect(await acceptsIn(folder)).toEqual([undefined, undefined]);
    expect(acceptedView(written)).not.toContain('ends the drift');
    await writeFile(written.file, `${head}\n${text}`);
    expect(await acceptsIn(folder)).toEqual([undefined, 'f'.repeat(64)]);
  });

  it('overwrites nothing', async () => {
    const folder = await folderOf({ '001_a.sql': 'SELECT 1' });
    await writeFile(join(folder, '002_accept_drift_of_x.sql.tmp'), '');
    await acceptDrift(drifted, 'production', folder, now);
    const other = { ...drifted, finding: finding({ found: 'd'.repeat(64) }) };
    const { file } = await acceptDrift(other, 'production', folder, now);
    expect(file).toBe(join(folder, '003_accept_drift_of_x.sql'));
  });

  it.each([
    ['is complete', drifted.found],
    ['is to be completed', [table, state("'a', 'b'"), index]],
  ])('writes nothing where a file that %s is to accept the same', async (_, found) => {
    const folder = await folderOf({ '001_a.sql': 'SELECT 1' });
    const { file } = await acceptDrift({ ...drifted, found }, 'production', folder, now);
    const again = acceptDrift({ ...drifted, database: 'b/x', found }, 'production', folder, now);
    await expect(again).rejects.toMatchObject({ name: 'AcceptedAlready', message: expect.stringContaining(file) });
    expect(await readdir(folder)).toEqual(['001_a.sql', '002_accept_drift_of_x.sql']);
  });

  it.each(['', 'UNIQUE '])(
    'excepts a %sindex that is there already where it was found from the rule',
    async (unique) => {
      const folder = await folderOf({ '001_a.sql': 'SELECT 1' });
      const found = [
        table,
        state("'a'"),
        thing('index public.i', 'table public.t', `CREATE ${unique}INDEX i ON public.t USING btree (a)`),
      ];
      await acceptDrift({ ...drifted, found }, 'production', folder, now);
      expect((await lockstep('check', folder)).stdout).not.toContain('warning');
    },
  );
});

it('lockstep drift repair proposes SQL that undoes the change', async () => {
  const { sql, byHand } = await repairDrift(drifted, 'production');
  expect(byHand).toEqual([]);
  expect(sql).toMatch(/^-- production, a\/x: 1 database \(a\/x\) was changed, though no migration has run/);
  expect(sql).toContain('\n-- index public.i is not expected\nDROP INDEX CONCURRENTLY IF EXISTS public.i;\n');
});

it('leaves to a person what PostgreSQL would not understand', async () => {
  const keyword = thing('column public.t.order', 'table public.t', 'integer');
  const { sql, byHand } = await repairDrift({ ...drifted, expected: [table, keyword], found: [table] }, 'production');
  expect(byHand).toEqual(['column public.t.order']);
  expect(sql).toContain('-- to be written by hand: column public.t.order is missing\n--   it should be: integer\n');
});

it.each([
  [[]],
  [['production', 'more']],
  [['accept', 'production']],
  [['repair', 'production']],
  [['production', '--lost']],
])('lockstep drift takes %j for wrong usage', async (line) => {
  expect((await lockstep('drift', ...line)).exitCode).toBe(2);
});
