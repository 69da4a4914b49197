/** What a rule has found, as it stands in a bundle: what it says of it follows from the rule. */
export type Found = {
  rule: string;
  /** Only in what takes the migration back. */
  direction?: 'down';
  /** Index in the statements of that direction; left out where the migration as a whole is meant. */
  statement?: number;
  /** 1-based, in the file; the column in characters. */
  line: number;
  column: number;
  /** What it is about: a table, a column, a role. */
  of?: string;
};

/** What an author says at a statement: `-- lockstep allow drop-column: nothing has read it since March`. */
export type Exception = { rule: string; direction?: 'down'; statement: number; line: number; reason: string };

/** What stands of a migration in the bundle; each part is left out where there is nothing of it. */
export type MigrationLint = {
  /** By Lockstep's own rules: the pipeline finds the same again, or refuses the bundle. */
  own?: Found[];
  /** By squawk's, as whoever built the bundle says. */
  squawk?: Found[];
  exceptions?: Exception[];
};

/** Of Lockstep's own rules: who has others finds other things. */
export const LINT_VERSION = 1;
