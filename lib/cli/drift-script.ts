import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Difference } from '../database/difference.ts';
import type { SchemaObject } from '../database/objects.ts';
import { type Proposal, plainly, propose, script } from '../database/proposal/propose.ts';
import { failure } from '../failure.ts';
import { findingInWords } from '../fleet/drift/in-words.ts';
import { readFolder } from '../migrations/folder.ts';
import { readName } from '../migrations/names.ts';
import { nextName } from '../migrations/next-name.ts';
import { parse } from '../migrations/parse.ts';
import { loadParser } from '../migrations/scan.ts';
import { source } from '../migrations/source.ts';
import type { Drifted } from './drift-check.ts';
import { told } from './told.ts';

/** What `lockstep drift accept --json` prints. */
export type Accepted = { file: string; database: string; fingerprint: string; byHand: string[] };

/** A file that is to accept this drift is there. */
export const AcceptedAlready = failure(
  'AcceptedAlready',
  (it: { file: string; database: string; fingerprint: string }) =>
    `${it.file} is there to accept the drift of ${it.database}: nothing was written. Run it, or complete it, as it says. If it has run and the same was found again, write the next file by hand, with this line first: ${accepting(it.fingerprint)}`,
);

/** Writes a migration by which all databases get what one of them has. @throws FolderNotFound, AcceptedAlready */
export const acceptDrift = async (
  { database, finding, expected, found }: Drifted,
  environment: string,
  folder: string,
  now: Date,
): Promise<Accepted> => {
  const { migrations, sources } = readFolder(folder);
  const fingerprint = finding.found ?? '';
  const there = [...sources.values()].find(({ body }) => body.includes(`accepts-drift=${fingerprint}`));
  if (there) throw new AcceptedAlready({ file: there.path, database, fingerprint });
  const names = migrations.flatMap(({ up }) => readName(up.file) ?? []);
  const file = join(folder, nextName(names, `accept_drift_of_${database.split('/')[1]}`, now));
  const proposal = await proposed(expected, found);
  const byHand = proposal.byHand.map(({ object }) => object);
  const text = `${byHand.length === 0 ? accepting(fingerprint) : incomplete(fingerprint, byHand)}
-- Gives to all databases what was found in ${environment}: ${told(findingInWords(finding))}.
-- Proposed by Lockstep. Read it, and make sure that this is what all of them should have.

${script({ ...proposal, steps: proposal.steps.map(excepted) }, byHandThere)}
`;
  // What somebody has written meanwhile under that name stays.
  await writeFile(file, text, { flag: 'wx' });
  return { file, database, fingerprint, byHand };
};

const accepting = (fingerprint: string): string => `-- lockstep: accepts-drift=${fingerprint}`;

/** A file that gives only some of it must not pass for one that accepts all: nothing here is read as a directive. */
const incomplete = (fingerprint: string, byHand: string[]): string =>
  `-- Not complete, so that it accepts nothing yet. To be written by hand: ${byHand.map(told).join(', ')}.
-- When all of that is written, put this line first: "${accepting(fingerprint)}"`;

/** What `lockstep drift accept` prints of a file, and what is left to do. */
export const acceptedView = ({ file, byHand }: Accepted): string =>
  byHand.length === 0
    ? `Written: ${file}. Read it, and commit it; a run of it ends the drift.`
    : `Written in part: ${file}. It accepts nothing until it is complete: its first lines say what is missing, and how to say that it is.`;

/** It must have no effect in the database that it comes from, which is why an index may be there already. */
const excepted = (step: Proposal['steps'][number]): Proposal['steps'][number] => ({
  ...step,
  sql: step.sql.map((it) =>
    CONCURRENTLY.test(it)
      ? `-- lockstep allow concurrently-if-not-exists: it is there already where it was found\n${it}`
      : it,
  ),
});

const CONCURRENTLY = /^CREATE (UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS /;

const byHandThere = (object: string, is: Difference['is']): string =>
  `${told(object)}: ${{ missing: 'made', 'not expected': 'dropped', different: 'changed' }[is]} there without a migration`;

/** What `lockstep drift repair --json` prints. */
export type Repair = { database: string; sql: string; byHand: string[] };

/** SQL that would bring one database back to what it should be; nothing runs it but a person. */
export const repairDrift = async (
  { database, finding, expected, found }: Drifted,
  environment: string,
): Promise<Repair> => {
  const proposal = await proposed(found, expected);
  const sql = `-- ${environment}, ${database}: ${told(findingInWords(finding))}.
-- Proposed by Lockstep, which does not run it. Read it, and run it in ${database} by hand, statement by statement.

${script(proposal, (object, is) => told(plainly(object, is)))}
`;
  return { database, sql, byHand: proposal.byHand.map(({ object }) => object) };
};

/**
 * Leaves to a person what PostgreSQL would not understand: definitions are compared in a spelling that is the same on all
 * its versions, in which a name that is a keyword has lost its quotes.
 */
const proposed = async (from: SchemaObject[], to: SchemaObject[]): Promise<Proposal> => {
  await loadParser();
  const { steps, byHand } = propose(from, to);
  const isSql = (sql: string) => parse(source('proposal', 'proposal', Buffer.from(sql))).problems.length === 0;
  const textIn = (all: SchemaObject[], object: string) => all.find((it) => it.object === object)?.text ?? null;
  const unsound = steps.filter(({ sql }) => !sql.every(isSql));
  const left = unsound.map(({ object, is }) => ({ object, is, now: textIn(from, object), wanted: textIn(to, object) }));
  return { steps: steps.filter((it) => !unsound.includes(it)), byHand: [...byHand, ...left] };
};
