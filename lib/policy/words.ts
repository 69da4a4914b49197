/**
 * A statement's own words: comments are gone, literals are empty, and a quoted name is one word, so that what somebody
 * has called or written something is not taken for what is done.
 */
export const bare = (sql: string): string =>
  sql.replace(QUOTED, (text) => (text.startsWith('"') ? 'quoted' : /^(--|\/\*)/.test(text) ? ' ' : "''"));

/** A doubled quote inside a literal reads as two literals side by side, which comes to the same here. */
const QUOTED = /--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|\be'(?:[^'\\]|\\[\s\S])*'|'[^']*'|"[^"]*"/gi;

/** The actions of an ALTER TABLE (or INDEX, VIEW …) of bare words, without the table's name: `drop column x`, `set logged` … */
export const actions = (sql: string): string[] => {
  const all = [''];
  let depth = 0;
  for (const character of sql.replace(HEAD, '')) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) all.push('');
    else all[all.length - 1] += character;
  }
  return all.map((action) => action.trim());
};

const HEAD =
  /^alter\s+((foreign\s+)?table|(materialized\s+)?view|index|sequence|type)\s+(if\s+exists\s+)?(only\s+)?\S+\s+(\*\s*)?/i;
