import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { failure } from '../failure.ts';
import { ask, databaseError, patiently } from './call.ts';
import { install } from './schema.ts';
import { SCHEMA_VERSION } from './schema-version.ts';
import type { Database, Session } from './session.ts';

/** Somebody is at work in a database; nothing was changed there. */
export const DatabaseBusy = failure(
  'DatabaseBusy',
  (it: { database: string; reason: string }) =>
    `${it.database}: ${it.reason}. Nothing was changed; try again when that is over.`,
);

/** What stands in a database is not what was shown any more; nothing was changed there. */
export const ChangedMeanwhile = failure(
  'ChangedMeanwhile',
  (it: { database: string }) =>
    `${it.database} is not as it was shown any more. Nothing was changed; look again and decide anew.`,
);

/** A database holds a schema of Lockstep's that this version does not know; nothing was changed there. */
export const NewerLockstep = failure(
  'NewerLockstep',
  (it: { database: string; version: number }) =>
    `${it.database} has version ${it.version} of Lockstep's schema, and this Lockstep knows versions up to ${SCHEMA_VERSION}. Use a newer one.`,
);

/** Who overrules history, and why: written down in the database with the change. */
export type Decision = { reason: string; requestedBy: string };

/**
 * Changes history by one of the functions that write down who did it and why, after installing what they need.
 * However often a call is sent, it has one effect.
 *
 * @throws DatabaseBusy, ChangedMeanwhile, NewerLockstep
 */
export const overrule = async (
  session: Session,
  database: Database,
  by: 'resolve' | 'baseline',
  request: Decision & Record<string, unknown>,
): Promise<void> => {
  const { database: name } = database;
  await installed(session, database);
  const sql = `SELECT lockstep.${by}(CAST(:request AS jsonb))::text`;
  const text = JSON.stringify({ ...request, ticket: randomUUID() });
  const it = Outcome.parse(await ask(session, database, sql, { request: text }));
  if (it.outcome === 'busy') throw new DatabaseBusy({ database: name, reason: 'a run is at work there' });
  if (it.outcome === 'at work') {
    const who = it.pid ? `the backend ${it.pid} is carrying out` : `until ${it.until} somebody may still send`;
    throw new DatabaseBusy({ database: name, reason: `${who} a statement of ${request.migration}` });
  }
  if (it.outcome === 'changed') throw new ChangedMeanwhile({ database: name });
};

const Outcome = z.object({
  outcome: z.enum(['resolved', 'busy', 'at work', 'changed']),
  pid: z.number().nullish(),
  until: z.string().nullish(),
});

const installed = async (session: Session, database: Database): Promise<void> => {
  const version = z.coerce.number().parse((await ask(session, database, versionThere, {})) ?? 0);
  if (version > SCHEMA_VERSION) throw new NewerLockstep({ database: database.database, version });
  try {
    await patiently(() => session.execute(database, install()), database);
  } catch (error) {
    if (databaseError(error)?.sqlstate !== '55P03') throw error;
    throw new DatabaseBusy({ database: database.database, reason: 'a run is at work there' }, { cause: error });
  }
};

const versionThere = `SELECT substring(obj_description(to_regnamespace('lockstep')::oid, 'pg_namespace') FROM '^Lockstep ([0-9]+)[:]')`;
