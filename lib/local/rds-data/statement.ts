import type pg from 'pg';
import type { Bound } from './parameters.ts';

export type Column = { name: string; tableId: number; columnId: number; typeId: number; modifier: number };

export type Outcome = {
  /** Undefined for a statement that yields no rows. */
  columns: Column[] | undefined;
  rows: (string | null)[][];
  /** PostgreSQL's command tag: `INSERT 0 3`. */
  tag: string;
  /** More came than was asked for: what is here is not all. */
  oversize: boolean;
};

/** An error that ends a session, since nobody reads or writes the data that PostgreSQL expects now. */
export class UnexpectedMessage extends Error {}

export type StatementOptions = {
  /** Rows are kept up to so many bytes of text; then `overflow` is called once. */
  maximumBytes: number;
  overflow(): void;
};

/**
 * Runs one statement by the extended protocol, types of the parameters declared: so PostgreSQL itself sees to it that
 * it is one statement. Settles when the session is ready for the next one, or gone.
 */
export const runStatement = (client: pg.Client, sql: string, parameters: Bound[], options: StatementOptions) => {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const wire = client.connection as unknown as Wire;
  const outcome: Outcome = { columns: undefined, rows: [], tag: '', oversize: false };
  let bytes = 0;
  let failed: Error | undefined;
  let submitted = false;

  const settle = () => {
    for (const [event, listener] of listeners) wire.off(event, listener);
    // What was too much has been cancelled, and that error is of our own making.
    if (failed && !outcome.oversize) reject(failed);
    else resolve(outcome);
  };
  const fail = (error: Error) => {
    failed ??= error;
  };
  const copy = (direction: string) => () => {
    fail(new UnexpectedMessage(`execute: unexpected message: Copy${direction}Response`));
    // Nothing gets a copy's session back into step as surely as its end.
    wire.stream.destroy();
  };
  const lost = () => {
    fail(new Error('Connection terminated unexpectedly'));
    settle();
  };
  const listeners: [string, () => void][] = [
    ['readyForQuery', settle],
    ['end', lost],
    ['copyInResponse', copy('In')],
    ['copyOutResponse', copy('Out')],
  ];

  client.query({
    submit: () => {
      submitted = true;
      for (const [event, listener] of listeners) wire.on(event, listener);
      wire.stream.cork();
      wire.parse({ text: sql, types: parameters.map(({ type }) => type) });
      wire.bind({ values: parameters.map(({ value }) => value) });
      wire.describe({ type: 'P' });
      wire.execute();
      wire.sync();
      wire.stream.uncork();
    },
    handleRowDescription: ({ fields }: { fields: WireField[] }) => {
      outcome.columns = fields.map((field) => ({
        name: field.name,
        tableId: field.tableID,
        columnId: field.columnID,
        typeId: field.dataTypeID,
        modifier: field.dataTypeModifier,
      }));
    },
    handleDataRow: ({ fields }: { fields: (string | null)[] }) => {
      if (outcome.oversize) return;
      for (const value of fields) bytes += value?.length ?? 0;
      if (bytes <= options.maximumBytes) outcome.rows.push(fields);
      else {
        outcome.oversize = true;
        options.overflow();
      }
    },
    handleCommandComplete: ({ text }: { text: string }) => {
      outcome.tag = text;
    },
    handleError: (error: Error) => {
      fail(error);
      // pg says so of a connection that is gone already, and nothing else will come of it.
      if (!submitted) settle();
    },
    handleEmptyQuery: nothing,
    handlePortalSuspended: nothing,
    handleCopyInResponse: nothing,
    handleCopyData: nothing,
    handleReadyForQuery: nothing,
  } as pg.Submittable);
  return promise;
};

const nothing = () => undefined;

/** What of pg's connection its type declarations leave out or have otherwise. */
type Wire = {
  stream: import('node:net').Socket;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
  parse(message: { text: string; types: number[] }): void;
  bind(message: { values: (string | Buffer | null)[] }): void;
  describe(message: { type: 'P' }): void;
  execute(): void;
  sync(): void;
};

type WireField = { name: string; tableID: number; columnID: number; dataTypeID: number; dataTypeModifier: number };
