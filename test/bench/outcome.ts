import type pg from 'pg';
import { inspect } from '../../lib/database/inspect.ts';
import type { Session } from '../../lib/database/session.ts';
import type { Contestant } from './contestants.ts';
import type { Ground, Place } from './ground.ts';

/** A database's schema and rows, each as a hash; what the tool itself keeps there is left out, and gone afterwards. */
export type Outcome = { fingerprint: string; content: string };

/** Looks at what a contestant has left in a database. @throws Error if it has not applied so many migrations */
export const outcomeOf = async (
  ground: Ground,
  place: Place,
  { name, notes }: Contestant,
  migrations: number,
): Promise<Outcome> => {
  const client = await ground.connect(place);
  try {
    const { rows: noted } = await client.query(`SELECT count(*)::int AS count FROM ${notes}`);
    if (noted[0].count !== migrations)
      throw new Error(`${name} applied ${noted[0].count} of ${migrations} migrations.`);
    await client.query(`DROP TABLE ${notes} CASCADE`);
    const { fingerprint } = await inspect(over(client), place.database);
    return { fingerprint, content: await contentOf(client) };
  } finally {
    await client.end();
  }
};

/** Whatever order the rows lie in: that depends on how many statements shared a transaction. */
const contentOf = async (client: pg.Client): Promise<string> => {
  const { rows: tables } = await client.query(
    `SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname`,
  );
  const each = tables.map(
    ({ name }) => `(SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), '')) FROM ${name} t)`,
  );
  const { rows } = await client.query(`SELECT md5(array_to_string(ARRAY[${each.join(', ')}], ' ')) AS content`);
  return rows[0].content;
};

const over = (client: pg.Client): Session => ({
  calls: () => 0,
  execute: async (_, text) => {
    const { rows } = await client.query<string[]>({ text, rowMode: 'array' });
    return { records: rows.map((row) => row.map((stringValue) => ({ stringValue }))), updated: 0 };
  },
});
