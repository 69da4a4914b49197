import * as z from 'zod';
import { ask, databaseError, patiently } from './call.ts';
import { Evidence } from './doubt.ts';
import type { Database, Session } from './session.ts';

const HistoryEntry = z.object({
  migration: z.string(),
  position: z.number(),
  name: z.string(),
  checksum: z.string(),
  mode: z.enum(['transactional', 'stepwise']),
  /** `in doubt`: nobody knows whether a statement took effect; `failure` tells what is known of it. */
  state: z.enum(['applied', 'failed', 'in doubt', 'running', 'reverting', 'reverted']),
  /** Number of statements done. */
  step: z.number(),
  /** Hash of them, where it can be carried out in part; see `prefixOf`. */
  prefix: z.string().nullable(),
  /** Grows in the order of application. */
  ordinal: z.number(),
  /** Milliseconds of each statement; null for what no run of ours has timed. Left empty where they are thousands. */
  timings: z.array(z.number().nullable()),
  /** In all; null where nothing was timed. */
  milliseconds: z.number().nullable(),
  failure: z
    .object({
      statement: z.number().nullish(),
      sqlstate: z.string(),
      message: z.string(),
      evidence: Evidence.nullish(),
    })
    .nullable(),
  run: z.string(),
  /** The role in the database. */
  appliedBy: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  finishedAt: z.iso.datetime({ offset: true }).nullable(),
  /** Hash of the whole row: tells whether it has changed since. */
  version: z.string(),
});

/** What a database remembers of one migration. */
export type HistoryEntry = z.infer<typeof HistoryEntry>;

const Resolution = z.object({
  migration: z.string(),
  verdict: z.enum(['applied', 'not applied', 'baseline']),
  /** The statement that was in doubt, where the verdict is about that one; 1-based. */
  statement: z.number().nullable(),
  reason: z.string(),
  requestedBy: z.string(),
  role: z.string(),
  resolvedAt: z.iso.datetime({ offset: true }),
  before: z.unknown(),
  after: z.unknown(),
});

/** What a person has overruled, or adopted from another tool: who, when, why, and the rows before and after. */
export type Resolution = z.infer<typeof Resolution>;

const Summary = z.object({
  applied: z.number(),
  /** The applied migration that comes last in the bundle's order. */
  newest: z.string().nullable(),
  /** What wrote last. */
  run: z.string().nullable(),
  at: z.iso.datetime({ offset: true }).nullable(),
  /** Migrations that are neither applied nor taken back, and their states. */
  unsettled: z.array(z.object({ migration: z.string(), state: HistoryEntry.shape.state })),
});

/** A database's history in a line. */
export type Summary = z.infer<typeof Summary>;

/** A database's whole history, in the order of the bundle; empty where Lockstep has never been. Changes nothing. */
export const readHistory = (session: Session, database: Database): Promise<HistoryEntry[]> =>
  pages(session, database, entries, HistoryEntry);

/** What was overruled and adopted in a database, oldest first. Changes nothing. */
export const readResolutions = (session: Session, database: Database): Promise<Resolution[]> =>
  pages(session, database, resolutions, Resolution);

/** One Data API call. Changes nothing. */
export const summarize = async (session: Session, database: Database): Promise<Summary> =>
  Summary.parse((await existing(ask(session, database, summary, {}))) ?? NOTHING);

const NOTHING: Summary = { applied: 0, newest: null, run: null, at: null, unsettled: [] };

/** A record for each row: an answer may hold 1 MiB, and a record of it 64 KB. */
const pages = async <Shape extends z.ZodType>(
  session: Session,
  database: Database,
  rows: string,
  shape: Shape,
): Promise<z.output<Shape>[]> => {
  const all: z.output<Shape>[] = [];
  for (;;) {
    const parameters = { after: all.length, bytes: PAGE_BYTES };
    const answer = patiently(() => session.execute(database, pageOf(rows), parameters), database);
    const { records = [] } = (await existing(answer)) ?? {};
    if (records.length === 0) return all;
    for (const [field] of records) all.push(shape.parse(JSON.parse(field?.stringValue ?? 'null')));
  }
};

/** Null where a database has none of Lockstep's tables, or not this one yet (undefined_table). */
const existing = <Value>(answer: Promise<Value>): Promise<Value | null> =>
  answer.catch((error) => {
    if (databaseError(error)?.sqlstate === '42P01') return null;
    throw error;
  });

/** Every quote may have become more than one byte on the way. */
const PAGE_BYTES = 200_000;

/** The first row of a page always comes. */
const pageOf = (rows: string): string => `WITH numbered AS (${rows}),
  sized AS (SELECT n, doc, sum(octet_length(doc::text)) OVER (ORDER BY n) AS bytes FROM numbered WHERE n > :after)
SELECT doc::text FROM sized WHERE bytes <= :bytes OR n = :after + 1 ORDER BY n`;

/** What would burst a record is told in other words. */
const unless = (large: string, otherwise: string): string =>
  `CASE WHEN octet_length(${large}::text) < 24000 THEN ${large} ELSE ${otherwise} END`;

const entries = `SELECT row_number() OVER (ORDER BY h.position, h.started_at, h.migration COLLATE "C") AS n, json_build_object(
    'migration', h.migration, 'position', h.position, 'name', h.name, 'checksum', h.checksum, 'mode', h.mode, 'state', h.state,
    'step', h.step, 'prefix', h.prefix, 'ordinal', coalesce((to_jsonb(h) ->> 'ordinal')::bigint, h.position), 'timings', ${unless('h.timings', `'[]'`)},
    'failure', ${unless('h.failure', `jsonb_set(h.failure, '{message}', to_jsonb(left(h.failure ->> 'message', 4000)))`)}, 'run', h.run, 'appliedBy', h.applied_by,
    'startedAt', h.started_at, 'finishedAt', h.finished_at, 'version', md5(h::text),
    'milliseconds', coalesce((SELECT sum(t::numeric) FROM jsonb_array_elements_text(h.timings) t),
      CASE WHEN h.state = 'failed' AND h.step = 0 THEN round(extract(epoch FROM h.finished_at - h.started_at)::numeric * 1000, 1) END)) AS doc
  FROM lockstep.history h`;

const resolutions = `SELECT row_number() OVER (ORDER BY r.resolved_at, r.ticket) AS n, json_build_object(
    'migration', r.migration, 'verdict', r.verdict,
    'statement', CASE WHEN r.before ->> 'state' = 'in doubt' THEN r.before -> 'failure' -> 'statement' END, 'reason', r.reason, 'requestedBy', r.requested_by, 'role', r.role,
    'resolvedAt', r.resolved_at, 'before', ${unless('r.before', `r.before - 'timings' - 'failure'`)}, 'after', ${unless('r.after', `r.after - 'timings' - 'migrations'`)}) AS doc
  FROM lockstep.resolution r`;

const summary = `SELECT json_build_object(
    'applied', count(*) FILTER (WHERE h.state = 'applied'),
    'newest', (array_agg(h.migration ORDER BY h.position DESC, h.started_at DESC) FILTER (WHERE h.state = 'applied'))[1],
    'run', (array_agg(h.run ORDER BY coalesce(h.finished_at, h.started_at) DESC, h.position DESC))[1],
    'at', max(coalesce(h.finished_at, h.started_at)),
    'unsettled', coalesce(json_agg(json_build_object('migration', h.migration, 'state', h.state) ORDER BY h.position)
      FILTER (WHERE h.state NOT IN ('applied', 'reverted')), '[]'))::text
  FROM lockstep.history h`;
