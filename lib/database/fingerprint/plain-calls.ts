/**
 * SQL of a definition in which what has a syntax of its own in the SQL standard (`x AT TIME ZONE y`, `TRIM(BOTH FROM
 * x)` …) is written as a plain call, as PostgreSQL 13 still wrote it.
 *
 * Done by pattern: up to three levels of parentheses within an argument, and three of such calls within each other.
 */
export const plainCalls = (definition: string): string =>
  `CASE WHEN ${definition} ~ '${TELLTALE}' THEN ${[...calls, ...calls, ...calls].reduce(
    (sql, [pattern, call]) => `regexp_replace(${sql}, '${pattern}', '${call}', 'g')`,
    definition,
  )} ELSE ${definition} END`;

const TELLTALE =
  '(SUBSTRING|POSITION|OVERLAY|TRIM|XMLEXISTS)\\(| AT TIME ZONE | OVERLAPS |COLLATION FOR | NO INDENT\\)';

/** A text with balanced parentheses; those in string literals don't count. For use between single quotes. */
const balanced = (depth: number): string =>
  `(?:[^()'']|''[^'']*''${depth === 0 ? '' : `|\\(${balanced(depth - 1)}\\)`})*`;

const X = `(${balanced(3)})`;

const calls = [
  [`\\(${X} AT TIME ZONE ${X}\\)`, 'timezone(\\2, \\1)'],
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
