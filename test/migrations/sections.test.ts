import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { inspect } from '../../lib/migrations/build.ts';
import { sha256 } from '../../lib/migrations/digest.ts';
import { loadParser } from '../../lib/migrations/scan.ts';
import { folderOf } from '../helpers/folder.ts';

beforeAll(loadParser);

const read = async (text: string, name = '1_a.sql', others: Record<string, string> = {}) => {
  const { migrations, problems } = await inspect(await folderOf({ [name]: text, ...others }));
  const [migration] = migrations;
  return {
    migration,
    up: migration?.up.map(({ sql, line }) => `${line} ${sql}`),
    down: migration?.down?.statements.map(({ sql, line }) => `${line} ${sql}`) ?? null,
    problems: problems.map(({ line, column, message }) => `${line}:${column} ${message}`),
    remedies: problems.map(({ remedy }) => remedy),
  };
};

describe('a file with up and down in it', () => {
  const bodies = ['CREATE TABLE a (id int);', 'DROP TABLE a;'];
  it.each([
    ['dbmate', '-- migrate:up', '-- migrate:down'],
    ['dbmate, closely written', '--migrate:up transaction:true', '--   migrate:down'],
    ['goose', '-- +goose Up', '-- +goose Down'],
    ['goose, in small letters', '-- +goose up', '-- +goose down'],
    ['sql-migrate', '-- +migrate Up', '-- +migrate Down'],
    ['node-pg-migrate', '-- Up Migration', '-- Down Migration'],
    ['node-pg-migrate, decorated', '---- up migration ----', '---- down migration of a ----'],
    ['Play', '-- !Ups', '-- !Downs'],
    ['rambler', '-- rambler up', '-- rambler down'],
    ['headings', '-- Up', '------ DOWN ------'],
    ['tern', '-- makes it', '---- create above / drop below ----'],
    ['MyBatis Migrations', '-- // makes it', '-- //@UNDO'],
  ])('is read as %s reads it: each part its own statements, in their own lines', async (_, up, down) => {
    for (const end of ['\n', '\r\n']) {
      const text = [up, bodies[0], '', down, bodies[1], ''].join(end);
      const { migration, ...parts } = await read(text);
      expect(parts).toMatchObject({ up: ['2 CREATE TABLE a (id int)'], down: ['5 DROP TABLE a'], problems: [] });
      expect(migration).toMatchObject({ mode: 'transactional', down: { file: '1_a.sql', mode: 'transactional' } });
      expect([migration?.checksum, migration?.down?.checksum]).toEqual([sha256(text), sha256(text)]);
    }
  });

  it('may have words in its comments that mark parts in other files', async () => {
    const text = '-- migrate:up\n-- Up migration of a\nSELECT 1;\n-- migrate:down\n-- Down\nSELECT 2;';
    expect(await read(text)).toMatchObject({ up: ['3 SELECT 1'], down: ['6 SELECT 2'], problems: [] });
  });

  it('gives offsets into the whole file, byte order mark counted', async () => {
    const text = "\ufeff-- migrate:up\nSELECT 'größe';\n-- migrate:down\nSELECT 2;\n";
    const { migration } = await read(text);
    for (const { sql, offset, length } of [...migration!.up, ...migration!.down!.statements])
      expect(Buffer.from(text).toString('utf8', offset, offset + length)).toBe(sql);
  });

  it('has no down where nothing stands below its marker', async () => {
    expect(await read('-- migrate:up\nSELECT 1;\n-- migrate:down\n')).toMatchObject({ down: null, problems: [] });
    expect(await read('-- Up Migration\nSELECT 1;\n-- Down Migration\n-- DROP TABLE a;')).toMatchObject({
      ...{ up: ['2 SELECT 1'], down: null, problems: [] },
    });
    expect(await read('SELECT 1;\n-- migrate:down\n-- none')).toMatchObject({ up: ['1 SELECT 1'], problems: [] });
  });

  it('may have an up only', async () => {
    expect(await read('-- +goose Up\nSELECT 1;')).toMatchObject({ up: ['2 SELECT 1'], down: null, problems: [] });
  });

  it.each([
    ["SELECT '\n-- migrate:down\n';", "1 SELECT '\n-- migrate:down\n'"],
    ['DO $$ BEGIN\n-- +goose Down\nEND $$;', '1 DO $$ BEGIN\n-- +goose Down\nEND $$'],
    ['/*\n-- Down Migration\n*/ SELECT 1;', '3 SELECT 1'],
    ['SELECT 1 /* x\n-- migrate:up */;', '1 SELECT 1'],
    ['SELECT 1; -- down', '1 SELECT 1'],
    ['-- goes up and down\nSELECT 1;', '2 SELECT 1'],
    ['-- up\n-- the ladder\nSELECT 1;', '3 SELECT 1'],
    ['SELECT 1;\n-- rollback\n-- is not possible', '1 SELECT 1'],
  ])('is not what literals, bodies and prose make it look like: %j', async (text, statement) => {
    expect(await read(text)).toMatchObject({ up: [statement], down: null, problems: [] });
  });
});

describe('a part whose statements commit each by itself', () => {
  const two = 'SELECT 1;\nSELECT 2;';
  it.each([
    ['-- migrate:up transaction:false', '-- migrate:down', ['stepwise', 'transactional']],
    ['-- migrate:up', '-- migrate:down transaction:false', ['transactional', 'stepwise']],
    ['-- +migrate Up notransaction', '-- +migrate Down', ['stepwise', 'transactional']],
    ['-- +goose NO TRANSACTION\n-- +goose Up', '-- +goose Down', ['stepwise', 'stepwise']],
    ['-- +goose Up\n-- +goose no transaction', '-- +goose Down', ['stepwise', 'stepwise']],
    ['-- lockstep: stepwise\n-- migrate:up', '-- migrate:down', ['stepwise', 'stepwise']],
    ['-- migrate:up\n-- lockstep: stepwise', '-- migrate:down', ['stepwise', 'transactional']],
    ['-- migrate:up', '-- migrate:down\n-- lockstep: stepwise', ['transactional', 'stepwise']],
  ])('is marked so: %j and %j', async (up, down, modes) => {
    const { migration, problems } = await read(`${up}\n${two}\n${down}\n${two}`);
    expect(problems).toEqual([]);
    expect([migration?.mode, migration?.down?.mode]).toEqual(modes);
  });

  it('may be in a down file, too', async () => {
    const { migration } = await read(two, '1_a.up.sql', {
      '1_a.down.sql': `-- migrate:down transaction:false\n${two}`,
    });
    expect([migration?.mode, migration?.down?.mode]).toEqual(['transactional', 'stepwise']);
  });
});

describe('directives above both parts', () => {
  it('hold for both, except for the order', async () => {
    const head = '-- lockstep: lock-timeout=5s, out-of-order\n-- migrate:up\nSELECT 1;\n';
    const { migration, problems } = await read(`${head}-- migrate:down\n-- lockstep: statement-timeout=1h\nSELECT 2;`);
    expect(problems).toEqual([]);
    expect(migration?.directives).toEqual({ lockTimeout: 5_000, outOfOrder: true });
    expect(migration?.down?.directives).toEqual({ lockTimeout: 5_000, statementTimeout: 3_600_000 });
  });

  it('are complained about once; a contradiction with those of the down is told there', async () => {
    expect((await read('-- lockstep: nope\n-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;')).problems).toEqual([
      '1:14 nope is not a directive',
    ]);
    const head = '-- lockstep: lock-timeout=5s\n-- migrate:up\nSELECT 1;\n';
    const { problems } = await read(`${head}-- migrate:down\n-- lockstep: statement-timeout=1s\nSELECT 2;`);
    expect(problems).toEqual(['4:1 lock-timeout is longer than statement-timeout']);
  });
});

describe('what contradicts itself is refused', () => {
  it.each([
    ['-- migrate:down\nSELECT 1;\n-- migrate:up\nSELECT 2;', '1:1 -- migrate:down stands before -- migrate:up'],
    ['-- Down Migration\nSELECT 1;\n-- Up Migration\nSELECT 2;', '1:1 -- Down Migration stands before -- Up Migration'],
    ['-- migrate:up\n-- migrate:up\nSELECT 1;', '2:1 -- migrate:up stands here a second time'],
    ['-- +goose Up\n-- +goose Down\n-- +goose Down', '3:1 -- +goose Down stands here a second time'],
    ['-- migrate:up\n-- +goose Down\nSELECT 1;', "2:1 -- +goose Down is goose's, -- migrate:up is dbmate's"],
    [
      'SELECT 0;\n-- migrate:up\nSELECT 1;\n-- migrate:down',
      '1:1 this stands above -- migrate:up, and so belongs to no part',
    ],
    ['SELECT 1;\n-- Down Migration\nSELECT 2;', '2:1 -- Down Migration has no up above it'],
    ['-- migrate:down\nSELECT 2;', '1:1 -- migrate:down has no up above it'],
    ['SELECT 1;\n-- Rollback:\nDROP TABLE a;', '2:1 what stands below takes back what stands above'],
    ['SELECT 1; -- migrate:down\nSELECT 2;', '1:11 -- migrate:down stands behind something else in its line'],
    ['-- migrate:up\nSELECT 1;\n-- migrate:dwn\nSELECT 2;', '3:1 this is no marker that dbmate knows'],
    ['-- migrate: up\n-- migrate: sideways', '2:1 this is no marker that dbmate knows'],
    ['-- migrate:up transaction:no', "1:1 dbmate's option transaction:no is not known here"],
    ['-- +goose Upp\nSELECT 1;', '1:1 this is no marker that goose knows'],
    ['-- +goose', '1:1 this is no marker that goose knows'],
    ['/* +goose Up */ SELECT 1;', '1:1 this is no marker that goose knows'],
    [
      '-- +goose Up\n-- +goose ENVSUB ON\nSELECT 1;',
      "2:1 goose's ENVSUB puts environment variables into SQL; Lockstep doesn't",
    ],
    ['-- +migrate Up dissolve_all\nSELECT 1;', '1:1 this is no marker that sql-migrate knows'],
    ['-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose Down', '2:1 -- +goose StatementBegin is not ended'],
    ['-- +goose Up\n-- +goose StatementEnd\nSELECT 1;', '2:1 -- +goose StatementEnd ends nothing'],
  ])('%j', async (text, problem) => {
    const { problems, remedies } = await read(text);
    expect(problems).toEqual([problem]);
    expect(remedies[0]!.length).toBeGreaterThan(10);
  });

  it('a way back in the file and another beside it', async () => {
    const both = '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;';
    expect((await read(both, '1_a.up.sql', { '1_a.down.sql': 'SELECT 3;' })).problems).toEqual([
      '3:1 what takes this migration back stands here and in 1_a.down.sql, too',
    ]);
    expect((await read('SELECT 1;', '1_a.up.sql', { '1_a.down.sql': both })).problems).toEqual([
      '1:1 -- migrate:up stands in a down file',
    ]);
    expect(
      (await read('SELECT 1;', '1_a.up.sql', { '1_a.down.sql': '-- Down migration\nSELECT 3;' })).problems,
    ).toEqual([]);
  });

  it('and mistakes in either part are told with their lines', async () => {
    const { problems } = await read('-- migrate:up\nSELEKT 1;\n-- migrate:down\nSELECT 1;\nDROPP TABLE a;');
    expect(problems).toEqual(['2:1 syntax error at or near "SELEKT"', '5:1 syntax error at or near "DROPP"']);
  });
});

describe('goose statements', () => {
  it('may be wrapped where a body holds semicolons', async () => {
    const text = `-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
-- +goose StatementEnd
SELECT 1;

-- +goose Down
-- +goose StatementBegin
DROP FUNCTION f();
-- +goose StatementEnd
`;
    const { up, down, problems } = await read(text);
    expect(problems).toEqual([]);
    expect([up?.length, up?.[1], down]).toEqual([2, '5 SELECT 1', ['9 DROP FUNCTION f()']]);
  });
});

const statement = fc.constantFrom(
  "SELECT '-- migrate:down';",
  'SELECT $$\n-- migrate:down\n$$;',
  '/* a\n-- migrate:up */ SELECT 1;',
  '-- only words\nSELECT "größe" FROM b;',
  'CREATE INDEX CONCURRENTLY i ON a (id);',
  '\r\n\r\nSELECT 2;',
);

it('never mixes the parts, whatever stands in them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { maxLength: 4 }),
      fc.array(statement, { maxLength: 4 }),
      async (ups, downs) => {
        const above = ['-- migrate:up', ...ups, ''].join('\n');
        const alone = await inspect(await folderOf({ '1_a.up.sql': above, '1_a.down.sql': downs.join('\n') }));
        const { migration, problems } = await read(`${above}-- migrate:down\n${downs.join('\n')}`);
        expect(problems).toEqual([]);
        const texts = (statements: { sql: string }[] | undefined) => statements?.map(({ sql }) => sql) ?? [];
        expect(texts(migration?.up)).toEqual(texts(alone.migrations[0]?.up));
        expect(texts(migration?.down?.statements)).toEqual(texts(alone.migrations[0]?.down?.statements));
        expect(migration?.up.map(({ line }) => line)).toEqual(alone.migrations[0]?.up.map(({ line }) => line));
      },
    ),
    { numRuns: 60 },
  );
});
