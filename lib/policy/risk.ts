import type { Statement } from '../migrations/bundle.ts';
import type { Facts } from './table-facts.ts';
import { weighed } from './weigh.ts';
import { actions, bare } from './words.ts';

export type Risk = { risk: 'low' | 'medium' | 'high'; reason: string };

/** What a statement does, and how dangerous that is where no table was looked at. */
export type Classified = Risk & {
  does: 'destroys' | 'rewrites' | 'indexes' | 'checks' | 'changes' | 'removes' | 'renames' | 'code' | null;
};

/**
 * How dangerous statements are: the most dangerous one speaks for all. By what they do and, where facts are known of
 * the tables that they do it to, by those.
 */
export const riskOf = (statements: Statement[], facts?: Facts): Risk => {
  let worst: Risk & { line?: number } = NOTHING;
  for (const statement of statements) {
    const it = ofStatement({ ...statement, sql: bare(statement.sql) }, facts);
    // What is harmless only because of the table says so.
    const heavier = WEIGHT[it.risk] - WEIGHT[worst.risk] || telling(it) - telling(worst);
    if (heavier > 0) worst = { ...it, line: statement.line };
  }
  const { risk, reason, line } = worst;
  return { risk, reason: line === undefined || reason === ADDS ? reason : `line ${line} ${reason}` };
};

/** Of what is equally dangerous, what says least of a statement is told only where there is nothing else to tell. */
const telling = ({ reason }: Risk): number => {
  const at = [NOTHING.reason, ADDS, HARMLESS.reason].indexOf(reason);
  return at === -1 ? 3 : at;
};

const ofStatement = (statement: Statement, facts: Facts | undefined): Risk => {
  const found: Classified[] = RULES.filter(({ matches }) => matches(statement));
  if (found.length === 0) found.push(HARMLESS);
  const weighty = facts ? found.map((it) => weighed(it, statement, facts)) : found;
  return weighty.reduce((worst, it) => (WEIGHT[it.risk] > WEIGHT[worst.risk] ? it : worst));
};

const NOTHING = { risk: 'low', reason: 'has nothing to execute' } as const;
const ADDS = 'adds without touching what is there';
const HARMLESS = { risk: 'low', reason: 'does nothing that is known to be dangerous', does: null } as const;

const WEIGHT = { low: 0, medium: 1, high: 2 };

type Rule = Classified & { matches: (statement: Statement) => boolean };

/** A rule about statements of these kinds, or about some of them by their words. */
const by = (risk: Risk['risk'], does: Classified['does'], reason: string, kinds: RegExp, words?: RegExp): Rule => ({
  ...{ risk, does, reason },
  matches: ({ kind, sql }) => kinds.test(kind) && (words?.test(sql) ?? true),
});

/** A rule about one of the actions of an ALTER TABLE. */
const altering = (
  risk: Risk['risk'],
  does: Classified['does'],
  reason: string,
  matches: (action: string) => boolean,
): Rule => ({
  ...{ risk, does, reason },
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
    'destroys',
    'drops a table, schema or type with what it holds',
    /^DropStmt$/,
    /^drop\s+(table|schema|type|materialized|sequence)\b/i,
  ),
  by('high', 'destroys', 'drops all that depends on something', /^DropStmt$/, /\bcascade\s*$/i),
  by('high', 'destroys', 'drops all that a role owns', /^DropOwnedStmt$/),
  by('high', 'destroys', 'drops a database', /^DropdbStmt$/),
  by('high', 'destroys', 'empties a table', /^TruncateStmt$/),
  altering('high', 'destroys', 'drops a column with its data', (it) => /^drop\s+(?!constraint\b)/i.test(it)),
  altering('high', 'rewrites', 'may rewrite a table while nobody can use it', (it) =>
    REWRITES.some((rule) => rule.test(it)),
  ),
  by(
    'high',
    'rewrites',
    'may rewrite a table while nobody can use it',
    /^(ClusterStmt|VacuumStmt)$/,
    /^cluster\b|\bfull\b/i,
  ),
  {
    risk: 'medium',
    does: 'indexes',
    reason: 'builds an index while nobody can write to the table',
    matches: ({ kind, transactional }) => (kind === 'IndexStmt' || kind === 'ReindexStmt') && transactional,
  },
  by('medium', 'removes', 'removes something that code may still use', /^Drop/),
  by('medium', 'removes', 'removes something that code may still use', /^Grant(Role)?Stmt$/, /^revoke\b/i),
  altering('medium', 'removes', 'removes something that code may still use', (it) =>
    /^drop\s+constraint\b|^(detach|disable)\b/i.test(it),
  ),
  by('medium', 'renames', 'renames something that code may still use', /^(RenameStmt|AlterObjectSchemaStmt)$/),
  by('medium', 'renames', 'renames something that code may still use', /^AlterEnumStmt$/, /\brename\b/i),
  by('medium', 'changes', 'changes existing rows', /^(Update|Delete|Merge)Stmt$/),
  by('medium', 'changes', 'changes existing rows', /^InsertStmt$/, /\bon\s+conflict\b.*\bdo\s+update\b/is),
  by(
    'medium',
    'changes',
    'changes existing rows',
    /^(Select|Insert|CreateTableAs|Explain|Prepare)Stmt$/,
    /\b(delete\s+from|merge\s+into|update\s+\S+.*?\sset)\s/is,
  ),
  altering('medium', 'checks', 'checks every row of a table', (it) => CHECKS.some((rule) => rule.test(it))),
  by(
    'medium',
    'checks',
    'checks every row of a table',
    /^AlterDomainStmt$/,
    /\b(add|validate|set\s+not\s+null)\b(?!.*\bnot\s+valid\b)/is,
  ),
  by('medium', 'code', 'runs code that can do anything', /^(Do|Call|Execute)Stmt$/),
  by('low', null, 'adds the rows that a query finds', /^InsertStmt$/, /\b(select|table)\b/i),
  by(
    'low',
    null,
    'adds a definition or replaces it',
    /^(Create|Define|View|Rule)\w*Stmt$/,
    /^create\s+or\s+replace\b/i,
  ),
  by(
    'low',
    null,
    ADDS,
    /^(Create\w*|Define|CompositeType|View|Rule|Index|Insert|AlterEnum|Grant|GrantRole|Comment)Stmt$/,
  ),
  {
    ...{ risk: 'low', does: null, reason: ADDS },
    matches: ({ kind, sql }) => kind === 'AlterTableStmt' && actions(sql).every((it) => /^add\b/i.test(it)),
  },
];
