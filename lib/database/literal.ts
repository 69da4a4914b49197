/**
 * A text as a plain PostgreSQL string literal (`standard_conforming_strings` on, as on every supported server).
 *
 * Plain on purpose: the Data API's scanner for `:name` placeholders leaves these alone but reads into dollar quotes.
 */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
