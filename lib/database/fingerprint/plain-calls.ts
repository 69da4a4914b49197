/**
 * SQL of a definition in which what has a syntax of its own in the SQL standard (`x AT TIME ZONE y`, `TRIM(BOTH FROM
 * x)` …) is written as a plain call, as PostgreSQL 13 still wrote it.
 *
 * Done by pattern: up to three levels of parentheses within an argument, and three of such calls within each other.
 */
export const plainCalls = (definition: string): string =>
  `CASE WHEN ${definition} LIKE ANY ('{${[ZONE, ...OTHERS].join(',')}}') THEN
    CASE WHEN ${definition} LIKE ANY ('{${OTHERS.join(',')}}') THEN ${rewritten(definition, calls)} ELSE ${rewritten(definition, [atTimeZone])} END
    ELSE ${definition} END`;

const rewritten = (definition: string, by: readonly (readonly [string, string])[]): string =>
  [...by, ...by, ...by].reduce(
    (sql, [pattern, call]) => `regexp_replace(${sql}, '${pattern}', '${call}', 'g')`,
    definition,
  );

/** What tells that there is something to rewrite: to try all patterns takes long, and this one is by far the commonest. */
const ZONE = '"% AT TIME ZONE %"';
const OTHERS = [
  'SUBSTRING(',
  'POSITION(',
  'OVERLAY(',
  'TRIM(',
  'XMLEXISTS(',
  ' OVERLAPS ',
  'COLLATION FOR ',
  ' NO INDENT)',
].map((it) => `"%${it}%"`);

/** A text with balanced parentheses; those in string literals don't count. For use between single quotes. */
const balanced = (depth: number): string =>
  `(?:[^()'']|''[^'']*''${depth === 0 ? '' : `|\\(${balanced(depth - 1)}\\)`})*`;

const X = `(${balanced(3)})`;

const atTimeZone = [`\\(${X} AT TIME ZONE ${X}\\)`, 'timezone(\\2, \\1)'] as const;

const calls = [
  atTimeZone,
  [`SUBSTRING\\(${X} FROM ${X} FOR ${X}\\)`, '"substring"(\\1, \\2, \\3)'],
  [`SUBSTRING\\(${X} SIMILAR ${X} ESCAPE ${X}\\)`, '"substring"(\\1, \\2, \\3)'],
  [`SUBSTRING\\(${X} FROM ${X}\\)`, '"substring"(\\1, \\2)'],
  [`POSITION\\(\\(${X}\\) IN \\(${X}\\)\\)`, '"position"(\\2, \\1)'],
  [`OVERLAY\\(${X} PLACING ${X} FROM ${X} FOR ${X}\\)`, '"overlay"(\\1, \\2, \\3, \\4)'],
  [`OVERLAY\\(${X} PLACING ${X} FROM ${X}\\)`, '"overlay"(\\1, \\2, \\3)'],
  [`TRIM\\(BOTH FROM ${X}\\)`, 'btrim(\\1)'],
  [`TRIM\\(BOTH ${X} FROM ${X}\\)`, 'btrim(\\2, \\1)'],
  [`TRIM\\(LEADING FROM ${X}\\)`, 'ltrim(\\1)'],
  [`TRIM\\(LEADING ${X} FROM ${X}\\)`, 'ltrim(\\2, \\1)'],
  [`TRIM\\(TRAILING FROM ${X}\\)`, 'rtrim(\\1)'],
  [`TRIM\\(TRAILING ${X} FROM ${X}\\)`, 'rtrim(\\2, \\1)'],
  [`\\(\\(${X}\\) OVERLAPS \\(${X}\\)\\)`, '"overlaps"(\\1, \\2)'],
  [`XMLEXISTS\\(\\(${X}\\) PASSING \\(${X}\\)\\)`, '"xmlexists"(\\1, \\2)'],
  [`COLLATION FOR \\(${X}\\)`, 'pg_collation_for(\\1)'],
  // Since PostgreSQL 16.
  [' NO INDENT\\)', ')'],
] as const;
