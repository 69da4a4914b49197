import { beforeAll, describe, expect, it, test } from 'vitest';
import { bundle as build } from '../../../lib/migrations/build.ts';
import type { Bundle } from '../../../lib/migrations/bundle.ts';
import { canonical, digest } from '../../../lib/migrations/digest.ts';
import { judge } from '../../../lib/migrations/lint/judge.ts';
import { reexamined } from '../../../lib/migrations/lint/reexamine.ts';
import { parseBundle } from '../../../lib/migrations/parse-bundle.ts';
import { loadParser } from '../../../lib/migrations/scan.ts';
import { fixture, folderOf } from '../../helpers/folder.ts';

beforeAll(() => loadParser());

const files = {
  '1_a.up.sql': `-- lockstep allow grant-to-public: agreed\nGRANT SELECT ON a TO PUBLIC;\n  GRANT SELECT ON b TO PUBLIC;\nSELECT 1 AS x INTO c;`,
  '1_a.down.sql': 'REVOKE SELECT ON a FROM PUBLIC;',
  '2_b.sql': `CREATE INDEX CONCURRENTLY ON a (b);\nDO $$ BEGIN COMMIT; END $$;\nVACUUM a;`,
  '3_c.sql': 'CREATE TABLE d (e char(2));',
};

/** A bundle as whoever has changed it would upload it, with a digest that fits. */
const changed = async (change: (bundle: Bundle) => void): Promise<Bundle> => {
  const { bundle } = await build(await folderOf(files));
  const copy: Bundle = structuredClone(bundle);
  change(copy);
  return parseBundle(canonical(copy), digest(copy));
};

const refused = async (change: (bundle: Bundle) => void): Promise<string[]> => {
  const bundle = await changed(change);
  try {
    reexamined(bundle, digest(bundle));
  } catch (error) {
    expect(error).toMatchObject({ name: 'BundleForged' });
    return (error as { details: { differences: string[] } }).details.differences;
  }
  return ['not refused'];
};

describe('a bundle as it was built', () => {
  test.each(['migrations', fixture('forty'), fixture('stepwise'), fixture('linted')])(
    'of %s says nothing of its SQL that the SQL does not show',
    async (folder) => {
      const made = await build(folder);
      expect(judge(reexamined(made.bundle, made.digest))).toEqual(judge(made.bundle));
    },
  );

  it('of every kind of statement and direction neither', async () => {
    const { bundle, digest } = await build(await folderOf(files));
    expect(judge(reexamined(bundle, digest))).toEqual(judge(bundle));
  });
});

describe('a bundle is refused', () => {
  it('when what is found in it is left out', async () => {
    expect(await refused(({ migrations }) => void delete migrations[0]!.lint!.own)).toEqual([
      '1_a.up.sql: other findings than its rules make',
    ]);
  });

  it('when a finding is told to be about something else', async () => {
    const differences = await refused(({ migrations }) => {
      migrations[0]!.lint!.own![1]!.statement = 0;
    });
    expect(differences).toEqual(['1_a.up.sql: other findings than its rules make']);
  });

  it('when something else is executed than is shown', async () => {
    const differences = await refused(({ migrations }) => {
      migrations[1]!.up[2]!.wire = 'DROP TABLE a';
    });
    expect(differences).toEqual(['2_b.sql:3 executes something else than is shown']);
  });

  it('when something else is executed in a transaction', async () => {
    const differences = await refused(({ migrations }) => {
      migrations[0]!.up[2]!.wire = 'CREATE TABLE c AS SELECT 2 AS x';
    });
    expect(differences).toEqual(['1_a.up.sql:4 executes something else than is shown']);
  });

  it('when one statement holds several', async () => {
    const differences = await refused(({ migrations }) => {
      migrations[2]!.up[0]!.sql += '; DROP TABLE a';
    });
    expect(differences).toEqual(['3_c.sql:1 is not one statement']);
  });

  it('when a statement is called what it is not', async () => {
    const differences = await refused(({ migrations }) => {
      migrations[0]!.up[1]!.kind = 'CreateStmt';
    });
    expect(differences).toEqual(['1_a.up.sql:3 is GrantStmt, not CreateStmt']);
  });

  it('when a statement is said to need no transaction', async () => {
    const differences = await refused(({ migrations }) => {
      Object.assign(migrations[2]!, { mode: 'stepwise' });
      Object.assign(migrations[2]!.up[0]!, { transactional: false, wire: migrations[2]!.up[0]!.sql });
    });
    expect(differences).toEqual(['3_c.sql:1 runs in a transaction']);
  });

  it('when a statement is said to be harmless to repeat', async () => {
    const differences = await refused(({ migrations }) => {
      migrations[1]!.up[1]!.settles = { by: 'repeating' };
    });
    expect(differences).toEqual(['2_b.sql:2 is told to have taken effect by other signs']);
  });

  it.each([
    'SELECT 1; DROP TABLE a',
    'WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone',
    'SELECT * FROM a FOR UPDATE',
    'DROP TABLE a',
    'SELECT * FROM a) must_find_nothing; COMMIT; --',
    '-- nothing',
  ])('when one of its checks does more than look: %s', async (sql) => {
    const differences = await refused((bundle) => {
      const named = { name: 'x', file: 'verify/x.sql', checksum: 'a'.repeat(64), when: 'after' as const };
      bundle.verify = [
        { ...named, name: 'y', sql: 'WITH b AS (TABLE a) SELECT * FROM b' },
        { ...named, sql },
      ];
    });
    expect(differences).toEqual(['verify/x.sql is not one query that only looks']);
  });

  it('when its way back is not what it says', async () => {
    const differences = await refused(({ migrations }) => {
      migrations[0]!.down!.statements[0]!.sql = 'DROP TABLE a';
    });
    expect(differences).toEqual(['1_a.down.sql:1 is DropStmt, not GrantStmt']);
  });
});

it('what another version of the rules has found is not believed, and found anew', async () => {
  const old = await changed((bundle) => {
    bundle.lint = { version: 99 };
    delete bundle.migrations[0]!.lint!.own;
  });
  const found = judge(reexamined(old, digest(old))).filter(({ rule }) => rule === 'grant-to-public');
  expect(found.map(({ line, excepted }) => [line, excepted?.reason ?? null])).toEqual([
    [2, 'agreed'],
    [3, null],
  ]);
});

it('a bundle without any lint is linted all the same', async () => {
  const old = await changed((bundle) => {
    delete bundle.lint;
    for (const migration of bundle.migrations) delete migration.lint;
  });
  expect(judge(reexamined(old, digest(old))).map(({ rule }) => rule)).toContain('grant-to-public');
});

it('squawk is not believed to have found what only our own rules find', async () => {
  const odd = await changed(({ migrations }) => {
    migrations[2]!.lint = { squawk: [{ rule: 'truncate', line: 1, column: 1 }] };
  });
  expect(judge(reexamined(odd, digest(odd))).map(({ rule }) => rule)).not.toContain('truncate');
});
