import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { install } from '../../lib/database/schema.ts';
import { parts, type Segment } from '../../lib/database/segments.ts';
import { type Server, startServer } from '../../lib/local/postgres/server.ts';
import { bench, ids, migrationsOf, type Subject } from './bench.ts';

const normal = bench();
const leaking = bench({ sessionAfterTransaction: 'kept' });

describe('commits that do not wait for the disk', () => {
  let folder: string;
  let server: Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
    server = await startServer({ directory: join(folder, 'server') });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const log = 'SELECT pg_current_wal_insert_lsn() AS written';
  const two = { '1_log.sql': `CREATE TABLE log AS ${log};`, '2_more.sql': `INSERT INTO log ${log};` };

  /** How the call ends, and whether all that it has written is on the disk then, if nobody but it brings it there. */
  const called = async (files: Record<string, string>, token = 1) => {
    const client = await server.connect('postgres');
    try {
      for (const sql of ["ALTER SYSTEM SET wal_writer_delay = '10s'", 'SELECT pg_reload_conf()', install()])
        await client.query(sql);
      await client.query('DROP TABLE IF EXISTS log');
      await client.query('TRUNCATE lockstep.history');
      const values = [JSON.stringify(await segmentsOf(files)), 'run-1', token];
      const { rows } = await client.query('CALL lockstep.run(CAST($1 AS jsonb), $2, $3, NULL)', values);
      const { rows: found } = await client.query('SELECT pg_current_wal_flush_lsn() > max(written) AS all FROM log');
      return { ...rows[0].outcomes, flushed: found[0].all };
    } finally {
      await client.end();
    }
  };

  test('are all on the disk when the call is answered', async () => {
    const more = Object.fromEntries([3, 4, 5, 6, 7].map((at) => [`${at}_more.sql`, `INSERT INTO log ${log};`]));
    expect(await called({ ...two, ...more })).toMatchObject({ done: 'aaaaaaa', stop: null, flushed: true });
  });

  test('are on the disk though a later migration fails', async () => {
    const failing = { ...two, '3_bad.sql': 'SELECT 1 / 0;' };
    expect(await called(failing)).toMatchObject({ done: 'aa', stop: { outcome: 'failed' }, flushed: true });
  });

  test('are on the disk though a newer run takes over, after which nothing more is written', async () => {
    const takeOver = `DO 'BEGIN EXECUTE ''UPDATE lock'' || ''step.fence SET token = 9''; END';`;
    const taken = { ...two, '2_more.sql': `${two['2_more.sql']} ${takeOver}`, '3_late.sql': 'SELECT 1;' };
    expect(await called(taken)).toMatchObject({ done: 'aa', stop: { outcome: 'fenced' }, flushed: true });
  });
});

test('no migration finds another synchronous_commit than the session has, whatever one before it has set', async () => {
  const subject = await leaking.database();
  const setting = "SELECT current_setting('synchronous_commit') AS found";
  const files = {
    '1_found.sql': `CREATE TABLE found AS ${setting};`,
    '2_found.sql': `INSERT INTO found ${setting}; SET synchronous_commit = off;`,
    '3_found.sql': `INSERT INTO found ${setting}; SET LOCAL synchronous_commit = local;`,
    '4_found.sql': `SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; INSERT INTO found ${setting};`,
    '5_found.sql': `INSERT INTO found ${setting}; SELECT set_config('synchronous_commit', 'remote_write', false);`,
    '6_found.sql': `INSERT INTO found ${setting};`,
  };
  expect(await subject.apply(await migrationsOf(files))).toMatchObject({ state: 'applied', applied: [...'123456'] });
  expect(await subject.value("SELECT string_agg(found, ' ') FROM found")).toBe('on on on on on on');
  expect(
    await subject.value(
      "SELECT string_agg(setting || ' ' || source, ', ') FROM pg_settings WHERE name = 'synchronous_commit'",
    ),
  ).toBe('on default');
});

describe('what an applied migration lets the next one know', () => {
  const files = {
    '1_one.sql': 'CREATE TABLE one ();',
    '2_two.sql': 'CREATE TABLE two ();',
    '3_three.sql': 'CREATE TABLE three ();',
  };

  const carryOut = async (subject: Subject, segment: object) => {
    const { records } = await subject.session.execute(
      subject.database,
      'SELECT lockstep.apply(CAST(:segment AS jsonb), :run, 1)',
      { segment: JSON.stringify(segment), run: 'run-1' },
    );
    return JSON.parse(records[0]![0]!.stringValue!);
  };

  test('spares it the history', async () => {
    const migrations = await migrationsOf(files);
    const segments = await segmentsOf(files);
    const subject = await normal.database();
    await subject.apply(migrations, { pending: ['1'] });
    const { known } = await carryOut(subject, segments[1]!);
    // Not what Lockstep would do, and so the proof that nothing was read.
    await subject.sql('DELETE FROM lockstep.history');
    expect(await carryOut(subject, { ...segments[2], known })).toMatchObject({ outcome: 'applied' });
  });

  test('is not relied on once somebody has overruled history', async () => {
    const migrations = await migrationsOf(files);
    const segments = await segmentsOf(files);
    const subject = await normal.database();
    await subject.apply(migrations, { pending: ['1'] });
    const { known } = await carryOut(subject, segments[1]!);
    await subject.sql(`SELECT lockstep.resolve(jsonb_build_object('ticket', gen_random_uuid(), 'migration', '1', 'position', 1, 'name', 'one',
      'checksum', '', 'mode', 'transactional', 'state', 'failed', 'step', 0, 'verdict', 'not applied', 'reason', 'a test', 'requestedBy', 'me', 'run', 'me',
      'seen', md5(h::text))) FROM lockstep.history h WHERE h.migration = '1'`);
    expect(await carryOut(subject, { ...segments[2], known })).toMatchObject({
      outcome: 'out of order',
      why: 'missing before',
    });
  });

  test('is not relied on once another migration was applied or taken back', async () => {
    const migrations = await migrationsOf(files);
    const segments = await segmentsOf(files);
    const subject = await normal.database();
    await subject.apply(migrations, { pending: ['1'] });
    const { known } = await carryOut(subject, segments[1]!);
    await carryOut(subject, { ...segments[1], direction: 'down', statements: ['DROP TABLE two'] });
    expect(await carryOut(subject, { ...segments[2], known })).toMatchObject({ outcome: 'out of order' });
  });

  test('is nothing where a migration before it is missing or it has failed', async () => {
    const migrations = await migrationsOf(files);
    const segments = await segmentsOf(files);
    const subject = await normal.database();
    await subject.apply(migrations, { pending: ['1'] });
    expect(await carryOut(subject, { ...segments[1], statements: ['SELECT 1 / 0'] })).toMatchObject({
      outcome: 'failed',
      known: null,
    });
    expect((await carryOut(subject, segments[1]!)).known).toBe(null);
  });
});

const segmentsOf = async (files: Record<string, string>): Promise<Segment[]> => {
  const migrations = await migrationsOf(files);
  const [part] = parts(migrations, { pending: ids(migrations), lockTimeout: '1s', statementTimeout: 0 });
  if (part?.kind !== 'transactional') throw new Error('they are not one part');
  return part.segments;
};
