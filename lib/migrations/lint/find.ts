import type { Migration, Statement } from '../bundle.ts';
import { parse } from '../parse.ts';
import { position, source } from '../source.ts';
import { accessRules } from './access.ts';
import type { Found } from './found.ts';
import { indexRules } from './indexes.ts';
import { checkedColumns } from './not-null.ts';
import { rowRules } from './rows.ts';
import type { JudgedRule, OwnRule } from './rules.ts';
import { stepRules } from './steps.ts';
import { tableRules } from './tables.ts';
import type { Around, Finder, Hit, Look } from './tree.ts';

type Linted = Pick<Migration, 'up' | 'down'>;

/**
 * What Lockstep's own rules find in each migration. It needs nothing but the statements of a bundle, so that whoever is
 * handed one finds the same. Needs the parser loaded.
 */
export const ownFindings = (migrations: readonly Linted[]): Found[][] => {
  const ups = migrations.map(({ up }) => up.map(look));
  const checked = checkedColumns(ups);
  return migrations.map(({ down }, at) => {
    const up: Around = { looks: ups[at]!, direction: 'up', checked: checked[at]! };
    const back: Around = {
      looks: down?.statements.map(look) ?? [],
      ...{ direction: 'down', checked: new Set() },
    };
    return [
      ...Object.entries<Finder>(FINDERS).flatMap(([rule, find]) => find(up).map((hit) => found(rule, up, hit))),
      ...WAY_BACK.flatMap((rule) => FINDERS[rule](back).map((hit) => found(rule, back, hit))),
    ].sort(byPlace);
  });
};

/** The others are about what a migration has besides statements: they are judged. */
const FINDERS: Record<Exclude<OwnRule, JudgedRule>, Finder> = {
  ...indexRules,
  ...tableRules,
  ...rowRules,
  ...accessRules,
  ...stepRules,
};

/** What takes a migration back is carried out in an emergency, and undoes: it is held to what is wrong at any time. */
const WAY_BACK = ['grant-to-public', 'secret-in-file', 'leaking-set', 'unrepeatable-step', 'names-a-database'] as const;

const look = (statement: Statement, index: number): Look => {
  const { statements } = parse(source('', '', Buffer.from(statement.sql)));
  const [kind, tree] = Object.entries(statements[0]!.stmt!)[0]!;
  return { statement, index, kind, tree };
};

const found = (rule: string, { direction }: Around, { look, at = 0, of }: Hit): Found => {
  const told = { ...(direction === 'down' && { direction }), ...(of && { of }) };
  if (!look) return { rule, ...told, line: 1, column: 1 };
  const { statement, index } = look;
  return { rule, ...told, statement: index, ...placeIn(statement, at) };
};

/** Where in the file a byte of a statement stands. */
const placeIn = ({ sql, line, column = 1 }: Statement, at: number): { line: number; column: number } => {
  const inside = position(source('', '', Buffer.from(sql)), at);
  return {
    line: line + inside.line - 1,
    column: inside.line === 1 ? column + inside.column - 1 : inside.column,
  };
};

const byPlace = (a: Found, b: Found): number =>
  Number(a.direction === 'down') - Number(b.direction === 'down') ||
  a.line - b.line ||
  a.column - b.column ||
  (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0);
