import type { Statement } from '../migrations/bundle.ts';
import type { Classified, Risk } from './risk.ts';
import type { Facts, TableFacts } from './table-facts.ts';

/**
 * Weighs what a statement, which comes in bare words, does by the tables that it does it to: as dangerous as in the one
 * where that is worst. A table that nothing is known of may be the largest; what the same run makes is empty, and nobody
 * uses it yet.
 */
export const weighed = (it: Classified, statement: Statement, { tables, made }: Facts): Risk => {
  const touched = (statement.touches ?? []).filter((name) => tables.has(name) || !made.has(name));
  if ((statement.touches ?? []).length > 0 && touched.length === 0) return inNew(it, statement);
  const found = touched.map((name) => {
    const facts = tables.get(name);
    return facts ? inTable(it, statement, facts) : inUnknown(it, statement, name);
  });
  const [first, ...others] = found;
  return others.reduce((worst, one) => (WEIGHT[one.risk] > WEIGHT[worst.risk] ? one : worst), first ?? it);
};

const WEIGHT = { low: 0, medium: 1, high: 2 };

const inNew = ({ does, reason }: Classified, { touches = [] }: Statement): Risk => ({
  risk: 'low',
  reason: does === null ? reason : `${reason}: ${touches.join(' and ')} ${touches.length === 1 ? 'is' : 'are'} new`,
});

/** Rows written in a second from which a moment's lock is felt. */
const BUSY = 100;

/**
 * Bytes of a table that PostgreSQL gets through in a second, assumed on the slow side of what a small Aurora instance
 * with cold pages does; what it comes to is an order of magnitude, and is said as one.
 */
const SPEED = { rewrites: 50e6, indexes: 40e6, checks: 200e6 };

const inTable = (it: Classified, statement: Statement, table: TableFacts): Risk => {
  const told = (risk: Risk['risk'], ...more: string[]): Risk => ({
    risk,
    reason: `${it.reason}: ${[sizeOf(table), ...more].filter(Boolean).join(', ')}`,
  });
  const empty = table.rows === 0;
  switch (it.does) {
    case 'destroys':
      if (!empty) return told('high', dependantsOf(table));
      return told(table.dependants > 0 ? 'medium' : 'low', dependantsOf(table));
    case 'rewrites':
    case 'indexes':
    case 'checks': {
      const seconds = table.bytes / SPEED[it.does];
      if (empty) return told('low');
      // Others read and write meanwhile, so that only the load counts.
      if (it.does === 'checks' && isBeside(statement))
        return told(seconds < 60 ? 'low' : 'medium', durationOf(seconds));
      return told(blocking(seconds, table.writes), durationOf(seconds), writesOf(table));
    }
    case 'changes':
      if (empty) return told('low');
      if (isWhole(statement) && (statement.kind === 'DeleteStmt' || table.rows >= 100_000))
        return told('high', 'every row');
      return told('medium');
    case 'removes':
    case 'renames':
      return told(empty && table.dependants === 0 ? 'low' : it.risk, dependantsOf(table));
    case null:
      if (statement.kind !== 'AlterTableStmt' || table.writes < BUSY) return it;
      return {
        risk: 'medium',
        reason: `needs everybody off a busy table for a moment: ${sizeOf(table)}, ${writesOf(table)}`,
      };
    default:
      return it;
  }
};

/** What is high in a large table is it in one that nobody has measured. */
const inUnknown = (it: Classified, statement: Statement, table: string): Risk => {
  const grows =
    it.does === 'indexes' ||
    (it.does === 'checks' && !isBeside(statement)) ||
    (it.does === 'changes' && isWhole(statement));
  return grows ? { risk: 'high', reason: `${it.reason}: nothing is known of ${table}` } : it;
};

/** How bad it is to hold up others for so long, when they write so much. */
const blocking = (seconds: number, writes: number): Risk['risk'] => {
  const held = seconds * writes;
  if (seconds < 1 && held < BUSY) return 'low';
  return seconds < 10 && held < 10 * BUSY ? 'medium' : 'high';
};

/** Under SHARE UPDATE EXCLUSIVE, which stops neither readers nor writers. */
const isBeside = ({ kind, sql }: Statement): boolean =>
  kind === 'AlterTableStmt' && /\bvalidate\s+constraint\b/i.test(sql);

const isWhole = ({ kind, sql }: Statement): boolean => /^(Update|Delete)Stmt$/.test(kind) && !/\bwhere\b/i.test(sql);

const sizeOf = ({ table, database, rows, bytes }: TableFacts): string =>
  rows === 0
    ? `${table} is empty in ${database}`
    : `${table} has ${number(rows)} rows (${sized(bytes)}) in ${database}`;

const dependantsOf = ({ dependants }: TableFacts): string =>
  dependants === 0
    ? ''
    : `${dependants} view${dependants === 1 ? ' or foreign key depends' : 's or foreign keys depend'} on it`;

const writesOf = ({ writes }: TableFacts): string =>
  writes < 1 ? '' : `${number(Math.round(writes))} rows written a second`;

const durationOf = (seconds: number): string => {
  if (seconds < 1) return 'less than a second';
  if (seconds < 1.5) return 'about a second';
  if (seconds < 90) return `some ${Math.round(seconds)} seconds`;
  return seconds < 5400 ? `some ${Math.round(seconds / 60)} minutes` : `some ${Math.round(seconds / 3600)} hours`;
};

/** Two figures: they are estimates. */
const number = (value: number): string => {
  const rounded = Number(value.toPrecision(2));
  if (rounded < 1e6) return rounded.toLocaleString('en');
  return rounded < 1e9 ? `${rounded / 1e6} million` : `${rounded / 1e9} billion`;
};

const sized = (bytes: number): string => {
  const [unit, name] =
    bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : bytes < 1e12 ? [1e9, 'GB'] : [1e12, 'TB'];
  return `${Number((bytes / (unit as number)).toPrecision(2))} ${name}`;
};
