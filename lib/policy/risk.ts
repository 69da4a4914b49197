import type { Statement } from '../migrations/bundle.ts';
import { actions, bare } from './words.ts';

export type Risk = { risk: 'low' | 'medium' | 'high'; reason: string };

/** How dangerous statements look by what they do: the most dangerous one speaks for all. */
export const riskOf = (statements: Statement[]): Risk => {
  let worst: Risk = { risk: 'low', reason: 'adds without touching what is there' };
  for (const statement of statements) {
    const sql = bare(statement.sql);
    const rule = RULES.find(({ matches }) => matches({ ...statement, sql }));
    if (rule && WEIGHT[rule.risk] > WEIGHT[worst.risk])
      worst = { risk: rule.risk, reason: `line ${statement.line} ${rule.reason}` };
  }
  return worst;
};

const WEIGHT = { low: 0, medium: 1, high: 2 };

type Rule = Risk & { matches: (statement: Statement) => boolean };

/** A rule about statements of these kinds, or about some of them by their words. */
const by = (risk: Risk['risk'], reason: string, kinds: RegExp, words?: RegExp): Rule => ({
  risk,
  reason,
  matches: ({ kind, sql }) => kinds.test(kind) && (words?.test(sql) ?? true),
});

/** A rule about one of the actions of an ALTER TABLE. */
const altering = (risk: Risk['risk'], reason: string, matches: (action: string) => boolean): Rule => ({
  risk,
  reason,
  matches: ({ kind, sql }) => kind === 'AlterTableStmt' && actions(sql).some(matches),
});

// PostgreSQL rewrites a table for a new column whose value differs from row to row; now() is the same in all of them.
const REWRITES = [
  /^alter\s+(column\s+)?\S+\s+(set\s+data\s+)?type\b/i,
  /^set\s+(un)?logged\b|^set\s+(tablespace|access\s+method)\b/i,
  /^add\s+.*(\b(small|big)?serial[248]?\b|\bas\s+identity\b|\bstored\b)/is,
  /^add\s+.*\bdefault\s+(?!(now|statement_timestamp|transaction_timestamp)\s*\()[\w.]+\s*\(/is,
];

const CHECKS = [
  /^alter\s+(column\s+)?\S+\s+set\s+not\s+null\b/i,
  /^add\s+(constraint|check|foreign|primary|unique|exclude)\b(?!.*\bnot\s+valid\b)/is,
  /^add\s+(?!constraint\b|foreign\b).*\b(check|unique|primary\s+key)\b(?!.*\bnot\s+valid\b)/is,
  /^(validate|attach)\b/i,
];

// In each risk the more telling reason stands first.
const RULES: Rule[] = [
  by(
    'high',
    'drops a table, schema or type with what it holds',
    /^DropStmt$/,
    /^drop\s+(table|schema|type|materialized|sequence)\b/i,
  ),
  by('high', 'drops all that depends on something', /^DropStmt$/, /\bcascade\s*$/i),
  by('high', 'drops all that a role owns', /^DropOwnedStmt$/),
  by('high', 'drops a database', /^DropdbStmt$/),
  by('high', 'empties a table', /^TruncateStmt$/),
  altering('high', 'drops a column with its data', (it) => /^drop\s+(?!constraint\b)/i.test(it)),
  altering('high', 'may rewrite a table while nobody can use it', (it) => REWRITES.some((rule) => rule.test(it))),
  by('high', 'may rewrite a table while nobody can use it', /^(ClusterStmt|VacuumStmt)$/, /^cluster\b|\bfull\b/i),
  {
    risk: 'medium',
    reason: 'builds an index while nobody can write to the table',
    matches: ({ kind, transactional }) => (kind === 'IndexStmt' || kind === 'ReindexStmt') && transactional,
  },
  by('medium', 'removes something that code may still use', /^Drop/),
  by('medium', 'removes something that code may still use', /^Grant(Role)?Stmt$/, /^revoke\b/i),
  altering('medium', 'removes something that code may still use', (it) =>
    /^drop\s+constraint\b|^(detach|disable)\b/i.test(it),
  ),
  by('medium', 'renames something that code may still use', /^(RenameStmt|AlterObjectSchemaStmt)$/),
  by('medium', 'renames something that code may still use', /^AlterEnumStmt$/, /\brename\b/i),
  by('medium', 'changes existing rows', /^(Update|Delete|Merge)Stmt$/),
  by('medium', 'changes existing rows', /^InsertStmt$/, /\bon\s+conflict\b.*\bdo\s+update\b/is),
  by(
    'medium',
    'changes existing rows',
    /^(Select|Insert)Stmt$/,
    /\b(delete\s+from|merge\s+into|update\s+\S+.*?\sset)\s/is,
  ),
  altering('medium', 'checks every row of a table', (it) => CHECKS.some((rule) => rule.test(it))),
  by(
    'medium',
    'checks every row of a table',
    /^AlterDomainStmt$/,
    /\b(add|validate|set\s+not\s+null)\b(?!.*\bnot\s+valid\b)/is,
  ),
  by('medium', 'runs code that can do anything', /^(Do|Call)Stmt$/),
];
