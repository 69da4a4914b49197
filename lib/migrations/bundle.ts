import type { MigrationLint } from './lint/found.ts';
import type { LintPolicy } from './lint/policy.ts';

/** One SQL statement of a migration, as PostgreSQL's own parser delimits it. */
export type Statement = {
  /** The text as it stands in the file, without the closing semicolon and surrounding blanks and comments. */
  sql: string;
  /** 1-based line in the file of the first character of `sql`. */
  line: number;
  /** 1-based, in characters; left out for column 1. */
  column?: number;
  /** Byte offset of `sql` in the file and its length in bytes (UTF-8). */
  offset: number;
  length: number;
  /** The parser's node name: `CreateStmt`, `IndexStmt`, `DoStmt` … */
  kind: string;
  /** False for what PostgreSQL refuses inside a transaction block: `CREATE INDEX CONCURRENTLY`, `VACUUM` … */
  transactional: boolean;
  /**
   * Statements of one number share one transaction and commit together, in ascending order without gaps; left out for
   * group 0. A statement that is not transactional is a group by itself.
   * A `SET` that holds for the session stands again at the head of each later group: no two groups share a session.
   */
  group?: number;
  /** Only on the first statement of a transactional group: what has to be said before the transaction's first query. */
  isolation?: 'repeatable read' | 'serializable';
  /**
   * What is executed in place of `sql` (`wire ?? sql`). Always there where `transactional` is false, since only these
   * travel as SQL text: written so that the Data API's scanner for `:name` finds nothing to replace (dollar-quoted
   * bodies as plain literals), and with a name for an index that has none. Otherwise only for `SELECT … INTO`, which
   * PL/pgSQL's EXECUTE refuses: the same as `CREATE TABLE … AS`.
   */
  wire?: string;
  /**
   * Only where `transactional` is false: how to tell, after a call was lost, whether the statement took effect.
   * An index shows it by being there and valid, or by being gone; what is harmless to repeat needs no telling.
   * Absent where nothing shows it.
   */
  settles?: Settlement;
  /** Tables that it locks, reads through, writes or makes, as SQL names them; left out where there are none. */
  touches?: string[];
};

export type Settlement =
  | { by: 'index present' | 'index absent'; schema: string | null; index: string }
  | { by: 'repeating' };

/** What a file's leading comment asks for: `-- lockstep: stepwise, lock-timeout=5s`. Left out where it asks for nothing. */
export type Directives = {
  /** Each statement commits by itself, except between the file's own BEGIN and COMMIT. */
  stepwise?: true;
  /** Milliseconds. */
  lockTimeout?: number;
  /** Milliseconds. */
  statementTimeout?: number;
  /** The migration may come behind ones with higher numbers. Up files only. */
  outOfOrder?: true;
  /** Tables, with or without their schema, that may have fewer rows afterwards. Up files only. */
  losesRows?: string[];
  /** Fingerprint of a schema that came about without a migration, and that this one gives to all databases. Up files only. */
  acceptsDrift?: string;
};

/** A query that must find no rows. */
export type Check = {
  /** Its file's name without the ending: `orders_have_customers`. */
  name: string;
  /** Relative to the folder: `verify/orders_have_customers.sql`. */
  file: string;
  /** SHA-256 of the file's bytes, hex. */
  checksum: string;
  /** Before a run applies anything in a database, after it has, or both. */
  when: 'before' | 'after' | 'both';
  sql: string;
};

/** One change: what brings it in, and optionally what takes it out again. */
export type Migration = {
  /** The number that orders it, as text exactly as the file writes it: `001`, `20260115120000`, `2026_01_15_001`, `1.2`. */
  id: string;
  /** What follows the number in the file's name: `create_customers`. */
  name: string;
  /** The up file's name, relative to the folder. */
  file: string;
  /** SHA-256 of the up file's bytes, hex. */
  checksum: string;
  /**
   * `stepwise`: it has several groups, or a statement that can't run in a transaction. It can stop half-way, and is
   * then resumed at the group.
   */
  mode: 'transactional' | 'stepwise';
  directives?: Directives;
  up: Statement[];
  down: {
    file: string;
    checksum: string;
    mode: 'transactional' | 'stepwise';
    directives?: Directives;
    statements: Statement[];
  } | null;
  /** What rules have found in it, and what its files except from them; left out where that is nothing. */
  lint?: MigrationLint;
};

/** An immutable, ordered list of migrations; named by the SHA-256 of its canonical JSON, its digest. */
export type Bundle = {
  format: 1;
  migrations: Migration[];
  /** By which version of the rules it was linted, and what the folder's `lint.json` says. Older bundles have none. */
  lint?: { version: number; policy?: LintPolicy };
  /** By name; left out where there are none. */
  verify?: Check[];
};
