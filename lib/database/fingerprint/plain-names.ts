/**
 * SQL of a text in which names need no quotes for being keywords: which words are keywords changes from version to
 * version (`json` in 17, `system_user` in 16). String literals stay as they are.
 */
export const plainNames = (text: string): string =>
  `CASE WHEN ${text} LIKE '%"%' THEN regexp_replace(${text}, '(''(?:[^'']|'''')*'')|"([a-z_][a-z0-9_$]*)"', '\\1\\2', 'g') ELSE ${text} END`;
