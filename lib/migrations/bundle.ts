/** One SQL statement of a migration, as PostgreSQL's own parser delimits it. */
export type Statement = {
  /** The text as it stands in the file, without the closing semicolon and surrounding blanks and comments. */
  sql: string;
  /** 1-based line in the file of the first character of `sql`. */
  line: number;
  /** Byte offset of `sql` in the file and its length in bytes (UTF-8). */
  offset: number;
  length: number;
  /** The parser's node name: `CreateStmt`, `IndexStmt`, `DoStmt` … */
  kind: string;
  /** False for what PostgreSQL refuses inside a transaction block: `CREATE INDEX CONCURRENTLY`, `VACUUM` … */
  transactional: boolean;
  /**
   * Only where `transactional` is false, since only these travel as SQL text: `sql` written so that the Data API's
   * scanner for `:name` finds nothing to replace (dollar-quoted bodies as plain literals).
   */
  wire?: string;
  /**
   * Only where `transactional` is false: how to tell, after a call was lost, whether the statement took effect.
   * An index shows it by being there and valid, or by being gone; what is harmless to repeat needs no telling.
   * Absent where nothing shows it.
   */
  settles?: Settlement;
};

export type Settlement =
  | { by: 'index present' | 'index absent'; schema: string | null; index: string }
  | { by: 'repeating' };

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
  /** `stepwise` as soon as one statement can't run in a transaction: then each is sent by itself. */
  mode: 'transactional' | 'stepwise';
  up: Statement[];
  down: { file: string; checksum: string; mode: 'transactional' | 'stepwise'; statements: Statement[] } | null;
};

/** An immutable, ordered list of migrations; named by the SHA-256 of its canonical JSON, its digest. */
export type Bundle = { format: 1; migrations: Migration[] };
