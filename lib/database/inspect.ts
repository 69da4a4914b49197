import * as z from 'zod';
import { fingerprint, schemaObjects } from './fingerprint.ts';
import { literal } from './literal.ts';
import { askAtLength } from './long-answer.ts';
import { SCHEMA_VERSION } from './schema-version.ts';
import type { Database, Session } from './session.ts';

/** A row of a database's history, as far as plans need it. */
export const HistoryRow = z.object({
  migration: z.string(),
  position: z.number(),
  checksum: z.string(),
  state: z.enum(['applied', 'failed', 'in doubt', 'running', 'reverting', 'reverted']),
  /** Number of statements done: of the down file where it is being taken back. */
  step: z.number(),
  /** Hash of them where only a part is done; see `prefixOf`. */
  prefix: z.string().nullable(),
  /** Grows in the order of application, which may not be the bundle's: taken back is the highest first. */
  ordinal: z.number(),
  /** What its statements took; null where it isn't applied, or nothing was timed. */
  milliseconds: z.number().nullable(),
});

const { migration, position, checksum, state, step, prefix, ordinal, milliseconds } = HistoryRow.shape;

/** As it comes: without names, since a history may be long. */
const Row = z.tuple([migration, position, checksum, state, step, prefix, ordinal, milliseconds]).transform(
  (it): HistoryRow => ({
    ...{ migration: it[0], position: it[1], checksum: it[2], state: it[3] },
    ...{ step: it[4], prefix: it[5], ordinal: it[6], milliseconds: it[7] },
  }),
);

const Inspection = z.object({
  /** `server_version_num`: 170009 is 17.9. */
  server: z.number(),
  /** How much disk the database takes; 0 where the login may not know. */
  bytes: z.number().default(0),
  /** Whether Lockstep's own schema stands in the database in the version that this code needs. */
  installed: z.boolean(),
  /** Ordered by position. */
  history: z.array(Row),
  /** SHA-256, hex, over the whole schema; equal for equal schemas. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  invalidIndexes: z.array(z.string()),
  notValidated: z.array(z.string()),
});

export type HistoryRow = z.infer<typeof HistoryRow>;

/** What stands in one database, read in one Data API call that changes nothing. */
export type Inspection = z.infer<typeof Inspection>;

export const inspect = async (session: Session, database: Database, remaining?: () => number): Promise<Inspection> =>
  Inspection.parse(
    await askAtLength(session, database, { expressions: schemaObjects(), answer: inspection }, {}, remaining),
  );

/**
 * History is read through `query_to_xml`, which takes its query as text: a plain reference to `lockstep.history`
 * would not parse in a database that has none yet. Base64 keeps XML's escaping out of it. A schema of an earlier
 * version has no `ordinal`: it has applied everything in the bundle's order.
 */
const history = `CASE WHEN to_regclass('lockstep.history') IS NULL THEN '[]'::json
  ELSE convert_from(decode((xpath('/row/h/text()', query_to_xml(format(${literal(
    `SELECT encode(convert_to(coalesce(json_agg(json_build_array(migration, position, checksum, state, step,
       CASE WHEN state NOT IN ('applied', 'reverted') THEN prefix END, %I,
       CASE WHEN state = 'applied' THEN (SELECT round(sum(t::numeric)) FROM jsonb_array_elements_text(timings) t) END) ORDER BY position, started_at), '[]')::text, 'UTF8'), 'base64') AS h FROM lockstep.history h`,
  )}, coalesce((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = to_regclass('lockstep.history') AND a.attname = 'ordinal'), 'position')), false, true, '')))[1]::text, 'base64'), 'UTF8')::json END`;

// What isn't validated is looked for first, since that is little: asked for each table, it would take as long as half the rest.
const inspection = `SELECT json_build_object(
  'server', current_setting('server_version_num')::integer,
  'bytes', CASE WHEN has_database_privilege(current_database(), 'CONNECT') THEN pg_database_size(current_database()) ELSE 0 END,
  'installed', coalesce(obj_description(to_regnamespace('lockstep')::oid, 'pg_namespace') LIKE 'Lockstep ${SCHEMA_VERSION}:%', false),
  'history', ${history},
  'fingerprint', ${fingerprint},
  'invalidIndexes', (SELECT coalesce(json_agg(r.name ORDER BY r.name COLLATE "C"), '[]') FROM relations r JOIN pg_index x ON x.indexrelid = r.oid WHERE NOT x.indisvalid),
  'notValidated', (SELECT coalesce(json_agg(r.name || '.' || quote_ident(k.conname) ORDER BY r.name COLLATE "C", k.conname COLLATE "C"), '[]')
       FROM newer, LATERAL (SELECT conrelid, conname FROM pg_constraint
         WHERE NOT convalidated AND conenforced::text IS DISTINCT FROM 'false') k JOIN relations r ON r.oid = k.conrelid)
)::text`;
