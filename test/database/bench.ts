import { afterAll, beforeAll } from 'vitest';
import { apply, type Progress, type Work } from '../../lib/database/apply.ts';
import { type Inspection, inspect } from '../../lib/database/inspect.ts';
import { type Answer, type Database, type Session, session } from '../../lib/database/session.ts';
import type { Limits } from '../../lib/local/rds-data/limits.ts';
import type { Switches } from '../../lib/local/rds-data/switches.ts';
import { bundle } from '../../lib/migrations/build.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { folderOf } from '../helpers/folder.ts';
import { startCluster, startDataApi } from '../local/rds-data/harness.ts';

/** A database of its own for each test, reached through the real SDK and the local Data API. */
export const bench = (switches: Partial<Switches> = {}, limits: Partial<Limits> = {}) => {
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  let api: Awaited<ReturnType<typeof startDataApi>>;
  let databases = 0;
  beforeAll(async () => {
    cluster = await startCluster();
    api = await startDataApi(cluster, { switches, limits });
  });
  afterAll(async () => {
    await api.close();
    await cluster.stop();
  });
  return {
    async database(): Promise<Subject> {
      databases += 1;
      const name = `subject_${databases}`;
      await api.execute(`CREATE DATABASE ${name}`);
      const database = { clusterArn: api.common.resourceArn, secretArn: api.common.secretArn, database: name };
      return subject(session(api.sdk), database);
    },
  };
};

export type Subject = {
  database: Database;
  session: Session;
  apply(migrations: Migration[], work?: Partial<Work>, through?: Session): Promise<Progress>;
  inspect(): Promise<Inspection>;
  /** The single value of a query, as text. */
  value(sql: string): Promise<string | undefined>;
  sql(sql: string): Promise<Answer>;
};

const subject = (direct: Session, database: Database): Subject => {
  const sql = (text: string) => direct.execute(database, text);
  return {
    database,
    session: direct,
    apply: (migrations, work = {}, through = direct) =>
      apply(through, database, {
        migrations,
        pending: work.direction === 'down' ? ids(migrations).reverse() : ids(migrations),
        installed: false,
        run: 'run-1',
        token: 1,
        lockTimeout: '1s',
        statementTimeout: 0,
        lockPatience: 0,
        remaining: () => 240_000,
        ...work,
      }),
    inspect: () => inspect(direct, database),
    value: async (query) => {
      const { records } = await sql(`SELECT (${query})::text`);
      return records[0]?.[0]?.stringValue;
    },
    sql,
  };
};

export const ids = (migrations: Migration[]): string[] => migrations.map(({ id }) => id);

/** Migrations out of files given by name, through the real bundle. */
export const migrationsOf = async (files: Record<string, string>): Promise<Migration[]> =>
  (await bundle(await folderOf(files))).bundle.migrations;

/** Puts the deadlines of intents into the past, as if the time had gone by in which their senders may still send. */
export const afterDeadline = ({ sql }: Subject): Promise<unknown> =>
  sql(
    `UPDATE lockstep.history SET intent = jsonb_set(intent, '{deadline}', to_jsonb(now() - interval '1 second')) WHERE intent IS NOT NULL`,
  ).catch(() => {});

/** Calls again and again, as the workflow does, until it is not told to. */
export const untilDone = async (
  subject: Subject,
  migrations: Migration[],
  work: Partial<Work> = {},
): Promise<Progress> => {
  const progress = await subject.apply(migrations, work);
  if (progress.state !== 'running') return progress;
  await new Promise((resolve) => setTimeout(resolve, 10));
  return untilDone(subject, migrations, work);
};

/** A caller that dies at its n-th call (1-based): before it is sent, or after it was carried out. */
export const dyingAt = (call: number, when: 'before' | 'after', inner: Session): Session => {
  let calls = 0;
  return {
    ...inner,
    async execute(...args) {
      calls += 1;
      if (calls > call) throw new Died();
      if (calls === call && when === 'before') throw new Died();
      const answer = await inner.execute(...args);
      if (calls === call) throw new Died();
      return answer;
    },
  };
};

/** Not an error of the Data API's: nothing in the code under test may make sense of it. */
export class Died extends Error {
  override name = 'DatabaseNotFoundException';
}
