import * as z from 'zod';
import { askAtLength } from '../../database/long-answer.ts';
import type { Database, Session } from '../../database/session.ts';

/** All databases of a cluster that anybody may connect to, besides PostgreSQL's and AWS's own. */
export const allDatabases = async (
  session: Session,
  where: Omit<Database, 'database'>,
  remaining?: () => number,
): Promise<string[]> =>
  z.array(z.string()).parse(
    await askAtLength(
      session,
      { ...where, database: 'postgres' },
      {
        expressions: databases,
        answer: `SELECT coalesce(json_agg(name ORDER BY name COLLATE "C"), '[]')::text FROM found`,
      },
      {},
      remaining,
    ),
  );

const databases = `found (name) AS (SELECT datname::text FROM pg_database
  WHERE datallowconn AND NOT datistemplate AND datname NOT IN ('postgres', 'rdsadmin'))`;
