/** A row of a tool's own table, as JSON. */
export type Row = Record<string, unknown>;

/** One thing that a tool lists as applied. */
export type Listed = {
  /** How the tool names it; what a map names it by. */
  key: string;
  /** What its file can be told by: its whole name, or its number and, where the tool writes one, its name. */
  file?: string;
  number?: string;
  name?: string;
  /** In the tool's own kind; what its `verify` compares. */
  checksum?: string | number | null;
  /** The tool lists only its newest: all before it are applied, too. */
  alsoBefore?: true;
};

/** What a tool's table says: what is applied, and what has to be put in order with the tool first. */
export type Listing = {
  applied: Listed[];
  problems: string[];
  /** Whatever has this number or a lower one was there before the tool. */
  floor?: string;
};

/** A migration tool whose databases can be adopted: how to read its table, and how to find its files among ours. */
export type Tool = {
  /** Its table, unless told otherwise. */
  table: string;
  /** Columns that are read. */
  columns: string[];
  /** Columns which only another tool's table of the same name has. */
  foreign?: string[];
  /** SQL that orders the rows. */
  order: string;
  /** A table of the tool's that says, by an SQL condition, that it is at work or died at it. */
  lock?: { table: string; held: string };
  read(rows: Row[]): Listing;
  /** What speaks against one of our files being what the tool has applied. */
  verify?(listed: Listed[], content: Buffer): string | null;
};
