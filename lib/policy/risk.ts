import type { Statement } from '../migrations/bundle.ts';

export type Risk = { risk: 'low' | 'medium' | 'high'; reason: string };

/** How dangerous statements look by what they do: the most dangerous one speaks for all. */
export const riskOf = (statements: Statement[]): Risk => {
  let worst: Risk = { risk: 'low', reason: 'adds without touching what is there' };
  for (const statement of statements) {
    const rule = RULES.find(({ matches }) => matches(statement));
    if (rule && WEIGHT[rule.risk] > WEIGHT[worst.risk])
      worst = { risk: rule.risk, reason: `line ${statement.line} ${rule.reason}` };
  }
  return worst;
};

const WEIGHT = { low: 0, medium: 1, high: 2 };

const RULES: (Risk & { matches: (statement: Statement) => boolean })[] = [
  {
    risk: 'high',
    reason: 'drops a table, schema or type with what it holds',
    matches: ({ kind, sql }) => kind === 'DropStmt' && /^drop\s+(table|schema|type|materialized|sequence)\b/i.test(sql),
  },
  { risk: 'high', reason: 'drops a database', matches: ({ kind }) => kind === 'DropdbStmt' },
  { risk: 'high', reason: 'empties a table', matches: ({ kind }) => kind === 'TruncateStmt' },
  {
    risk: 'high',
    reason: 'drops a column with its data',
    matches: ({ kind, sql }) => kind === 'AlterTableStmt' && /\bdrop\s+column\b/i.test(sql),
  },
  {
    risk: 'high',
    reason: 'may rewrite a table while nobody can use it',
    matches: ({ kind, sql }) =>
      kind === 'AlterTableStmt' && /\balter\s+(column\s+)?\S+\s+(set\s+data\s+)?type\b/i.test(sql),
  },
  {
    risk: 'medium',
    reason: 'builds an index while nobody can write to the table',
    matches: ({ kind, transactional }) => kind === 'IndexStmt' && transactional,
  },
  { risk: 'medium', reason: 'removes something that code may still use', matches: ({ kind }) => kind === 'DropStmt' },
  { risk: 'medium', reason: 'renames something that code may still use', matches: ({ kind }) => kind === 'RenameStmt' },
  {
    risk: 'medium',
    reason: 'changes existing rows',
    matches: ({ kind }) => kind === 'UpdateStmt' || kind === 'DeleteStmt' || kind === 'MergeStmt',
  },
  {
    risk: 'medium',
    reason: 'checks every row of a table',
    matches: ({ kind, sql }) =>
      kind === 'AlterTableStmt' &&
      /\bset\s+not\s+null\b|\badd\s+(constraint|check|foreign)\b(?!.*\bnot\s+valid\b)|\bvalidate\b/is.test(sql),
  },
  {
    risk: 'medium',
    reason: 'runs code that can do anything',
    matches: ({ kind }) => kind === 'DoStmt' || kind === 'CallStmt',
  },
];
