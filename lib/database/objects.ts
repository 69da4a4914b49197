import * as z from 'zod';
import { fingerprint, hashOf, schemaObjects } from './fingerprint.ts';
import { askAtLength } from './long-answer.ts';
import type { Database, Session } from './session.ts';

const SchemaObject = z.object({
  /** What it is and its name: `index shop.orders_customer`. */
  object: z.string(),
  /** The `object` that it is part of, if any. */
  parent: z.string().nullable(),
  /** SHA-256, hex, of its definition. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The definition itself, or the SQL of it where PostgreSQL can write that; null where it is too long. */
  text: z.string().nullable().optional(),
});

/** One thing that stands in a database's schema. */
export type SchemaObject = z.infer<typeof SchemaObject>;

/** A whole schema, as it is kept. */
export const Schema = z.array(SchemaObject);

/** A schema as it was read; the fingerprint is null where it changed between two pages of it. */
export type ReadSchema = { fingerprint: string | null; objects: SchemaObject[] };

/**
 * All things in a database's schema, by name, with the hashes of their definitions: what its fingerprint is made of.
 * Read in pages, as many as it takes; what changes meanwhile is in it or not. With the fingerprint of just that: the
 * database may have another one by now than whoever asks has seen.
 *
 * @param texts whether the definitions themselves are asked for, too
 * @param pageBytes how much of an answer a page may fill; the Data API terminates a call at 1 MiB
 */
export const objects = async (
  session: Session,
  database: Database,
  {
    remaining,
    texts = false,
    pageBytes = PAGE_BYTES,
  }: { remaining?: () => number; texts?: boolean; pageBytes?: number } = {},
): Promise<ReadSchema> => {
  const all: SchemaObject[] = [];
  const seen = new Set<string>();
  for (;;) {
    const after = all.at(-1)?.object ?? '';
    const asked = texts ? withTexts : plain;
    const page = Page.parse(await askAtLength(session, database, asked, { after, bytes: pageBytes }, remaining));
    all.push(...page.objects);
    seen.add(page.fingerprint);
    if (!page.more) return { fingerprint: seen.size === 1 ? page.fingerprint : null, objects: all };
  }
};

const Page = z.object({ fingerprint: z.string(), objects: z.array(SchemaObject), more: z.boolean() });

/** Names are JSON within JSON on the way: every quote may have become four bytes, other letters up to six. */
const PAGE_BYTES = 150_000;

/** What nobody would read, and a page could not hold. */
const LONGEST_TEXT = 30_000;

/**
 * The first row of a page always comes, however long. Names are unique, so the last one is where the next page begins.
 * A subquery gives the text only to those rows that a page has.
 */
const query = ({ length, text }: { length: string; text: string }) => ({
  expressions: `${schemaObjects()},
  sized AS (SELECT *, octet_length(object) + coalesce(octet_length(parent), 0) + 120 + ${length} AS bytes FROM objects WHERE object COLLATE "C" > :after),
  rest AS (SELECT object, parent, definition, sum(bytes) OVER (ORDER BY object COLLATE "C") - bytes AS before FROM sized)`,
  answer: `SELECT json_build_object(
  'fingerprint', ${fingerprint},
  'objects', (SELECT coalesce(json_agg(json_build_object('object', object, 'parent', parent, 'hash', ${hashOf('definition')}${text})
      ORDER BY object COLLATE "C"), '[]') FROM rest WHERE before < :bytes),
  'more', EXISTS (SELECT FROM rest WHERE before >= :bytes)
)::text`,
});

const plain = query({ length: '0', text: '' });

/** How the fingerprint spells a routine or a view, to be equal on all versions, is no SQL; the rest is, or is no text. */
const spelt = `CASE WHEN object ~ '^(function|procedure) ' THEN pg_get_functiondef(to_regprocedure(substr(object, strpos(object, ' ') + 1)))
  WHEN object LIKE 'view %' THEN pg_get_viewdef(to_regclass(substr(object, 6))) ELSE definition END`;

const withTexts = query({
  // Written out anew, it is some words longer.
  length: `least(coalesce(octet_length(definition), 0) + 200, ${LONGEST_TEXT})`,
  text: `, 'text', (SELECT CASE WHEN octet_length(t.text) <= ${LONGEST_TEXT} THEN t.text END FROM (SELECT ${spelt} AS text) t)`,
});
