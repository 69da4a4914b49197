import * as z from 'zod';
import { hashOf, schemaObjects } from './fingerprint.ts';
import { askAtLength } from './long-answer.ts';
import type { Database, Session } from './session.ts';

const SchemaObject = z.object({
  /** What it is and its name: `index shop.orders_customer`. */
  object: z.string(),
  /** The `object` that it is part of, if any. */
  parent: z.string().nullable(),
  /** SHA-256, hex, of its definition. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** One thing that stands in a database's schema. */
export type SchemaObject = z.infer<typeof SchemaObject>;

/**
 * All things in a database's schema, by name, with the hashes of their definitions: what its fingerprint is made of.
 * Read in pages, as many as it takes; what changes meanwhile is in it or not.
 *
 * @param pageBytes how much of an answer a page may fill; the Data API terminates a call at 1 MiB
 */
export const objects = async (
  session: Session,
  database: Database,
  { remaining, pageBytes = PAGE_BYTES }: { remaining?: () => number; pageBytes?: number } = {},
): Promise<SchemaObject[]> => {
  const all: SchemaObject[] = [];
  for (;;) {
    const after = all.at(-1)?.object ?? '';
    const page = Page.parse(await askAtLength(session, database, query, { after, bytes: pageBytes }, remaining));
    all.push(...page.objects);
    if (!page.more) return all;
  }
};

const Page = z.object({ objects: z.array(SchemaObject), more: z.boolean() });

/** Names are JSON within JSON on the way: every quote may have become four bytes, other letters up to six. */
const PAGE_BYTES = 150_000;

/** The first row of a page always comes, however long. Names are unique, so the last one is where the next page begins. */
const query = {
  expressions: `${schemaObjects()},
  sized AS (SELECT *, octet_length(object) + coalesce(octet_length(parent), 0) + 120 AS bytes FROM objects WHERE object COLLATE "C" > :after),
  rest AS (SELECT object, parent, definition, sum(bytes) OVER (ORDER BY object COLLATE "C") - bytes AS before FROM sized)`,
  answer: `SELECT json_build_object(
  'objects', (SELECT coalesce(json_agg(json_build_object('object', object, 'parent', parent, 'hash', ${hashOf('definition')})
      ORDER BY object COLLATE "C"), '[]') FROM rest WHERE before < :bytes),
  'more', EXISTS (SELECT FROM rest WHERE before >= :bytes)
)::text`,
};
