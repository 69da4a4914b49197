import { objects, type ReadSchema, Schema, type SchemaObject } from '../lib/database/objects.ts';
import type { Database, Session } from '../lib/database/session.ts';
import { whyUnreadable } from '../lib/database/unreadable.ts';
import { schemaKey } from '../lib/fleet/drift/state.ts';
import { isMissing } from '../lib/ledger/objects.ts';
import { bucket } from './services.ts';
import type { World } from './task.ts';

/** Milliseconds that are kept to write down what was found. */
const RESERVE = 15_000;
/** A paused cluster is back by then, and another database of its kind has its turn if it is not. */
const PATIENCE = 50_000;

/** Reads the schema of a database with the definitions of all things, in the time that is left; see {@link inTime}. */
export const readSchema = (data: Session, database: Database, remaining: World['remaining']): Promise<ReadSchema> =>
  inTime(remaining, (patience) => objects(data, database, { remaining: patience, texts: true }));

/** Reads in a database as long as there is time, and says in a sentence why that can't be done. */
export const inTime = async <Result>(
  remaining: World['remaining'],
  read: (patience: () => number) => Promise<Result>,
): Promise<Result> => {
  const patience = () => Math.min(remaining() - RESERVE, PATIENCE);
  try {
    return await within(remaining() - RESERVE, () => read(patience));
  } catch (error) {
    throw new Error(whyUnreadable(error) ?? (error as Error).message, { cause: error });
  }
};

const within = async <Result>(milliseconds: number, work: () => Promise<Result>): Promise<Result> => {
  const late = new Error("can't be read in the time that is left");
  if (milliseconds <= 0) throw late;
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(reject, milliseconds, late);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** A schema that was kept under its fingerprint, or null. */
export const keptSchema = async (fingerprint: string): Promise<SchemaObject[] | null> => {
  try {
    return Schema.parse(await bucket().json(schemaKey(fingerprint)));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};

/** Keeps a schema: when a database has changed from it, nobody could say any more how it was. */
export const keepSchema = async (fingerprint: string, schema: SchemaObject[], log: World['log']): Promise<void> => {
  try {
    await bucket().write(schemaKey(fingerprint), schema);
  } catch (error) {
    log.warn('a schema could not be kept', { error: error as Error, fingerprint });
  }
};
