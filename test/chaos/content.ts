import pg from 'pg';
import type { Arena } from './ground.ts';

/** Columns by table whose values don't depend on when or how often something was tried. */
export type Comparable = Map<string, string[]>;

type Hashes = { rows: number; columns: Record<string, string> };

/** Each table's number of rows, and each column's values regardless of their order. */
export const columnHashes = async (arena: Arena): Promise<Map<string, Hashes>> => {
  const client = await arena.connect();
  try {
    const { rows } =
      await client.query(`SELECT a.attrelid::regclass::text AS "table", array_agg(a.attname::text ORDER BY a.attname) AS columns
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND a.attnum > 0 AND NOT a.attisdropped AND ${OWN} GROUP BY 1`);
    const found = new Map<string, Hashes>();
    for (const { table, columns } of rows as { table: string; columns: string[] }[]) {
      const each = columns.map((it) => {
        const value = `${pg.escapeIdentifier(it)}::text`;
        return `md5(string_agg(coalesce(${value}, 'NULL'), ',' ORDER BY ${value} COLLATE "C"))`;
      });
      const [values] = (
        await client.query({ text: `SELECT count(*)::int, ${each.join(', ')} FROM ONLY ${table}`, rowMode: 'array' })
      ).rows;
      const [count, ...hashes] = values as [number, ...string[]];
      found.set(table, { rows: count, columns: Object.fromEntries(columns.map((it, at) => [it, hashes[at]!])) });
    }
    return found;
  } finally {
    await client.end();
  }
};

const OWN = `n.nspname NOT IN ('lockstep', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'`;

/** What two undisturbed runs have in common. */
export const comparable = (one: Map<string, Hashes>, other: Map<string, Hashes>): Comparable =>
  new Map(
    [...one].map(([table, { columns }]) => [
      table,
      Object.keys(columns).filter((it) => columns[it] === other.get(table)?.columns[it]),
    ]),
  );

/** By table `<number of rows> <hash over its sorted rows>`; tables that aren't there have no entry. */
export const contentOf = async (arena: Arena, tables: Comparable): Promise<Record<string, string>> => {
  const client = await arena.connect();
  try {
    const { rows } = await client.query(
      `SELECT t AS "table", (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = to_regclass(t) AND NOT attisdropped) AS columns
        FROM unnest($1::text[]) t WHERE to_regclass(t) IS NOT NULL`,
      [[...tables.keys()]],
    );
    const queries = (rows as { table: string; columns: string[] }[]).map(({ table, columns }) => {
      const chosen = tables.get(table)!.filter((it) => columns.includes(it));
      const row = `ROW(${chosen.map((it) => pg.escapeIdentifier(it)).join(', ')})::text`;
      return `SELECT ${pg.escapeLiteral(table)} AS "table", count(*) || ' ' || coalesce(md5(string_agg(${row}, ',' ORDER BY ${row} COLLATE "C")), '') AS content FROM ONLY ${table}`;
    });
    if (queries.length === 0) return {};
    const answer = await client.query(queries.join(' UNION ALL '));
    return Object.fromEntries(answer.rows.map(({ table, content }) => [table, content]));
  } finally {
    await client.end();
  }
};
