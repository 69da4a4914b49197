import type { Plan } from '../../fleet/plan.ts';
import type { Bundle, Statement } from '../../migrations/bundle.ts';

const MOST = { ofStatement: 16_000, ofPage: 200_000, migrations: 150 };

/** What a line costs besides its characters: its markup. */
const LINE = 30;

/** Number of characters that are shown of each statement; none of one that isn't here. */
export type Share = Map<Statement, number>;

/**
 * Statements that are carried out, and those that would undo them; and the tables that the file says may have fewer
 * rows afterwards, as nothing needs to that takes it back.
 */
export const sqlOf = (
  { direction }: Plan,
  { migrations }: Bundle,
  id: string,
): { statements: Statement[]; opposite: Statement[]; downFile: string | null; losesRows: string[] } => {
  const found = migrations.find((it) => it.id === id);
  const [up, down] = [found?.up ?? [], found?.down?.statements ?? []];
  const downFile = found?.down?.file ?? null;
  return direction === 'up'
    ? { statements: up, opposite: down, downFile, losesRows: found?.directives?.losesRows ?? [] }
    : { statements: down, opposite: up, downFile, losesRows: [] };
};

/** A page of megabytes is read by nobody and sent by no Lambda: the riskiest gets room first, the way back last. */
export const shareOut = (plan: Plan, bundle: Bundle, migrations: Plan['migrations']): Share => {
  const byRisk = migrations
    .toSorted((a, b) => WEIGHT[b.risk] - WEIGHT[a.risk])
    .map(({ id }) => sqlOf(plan, bundle, id));
  const share: Share = new Map();
  let room = MOST.ofPage;
  for (const statement of [...byRisk.flatMap((it) => it.statements), ...byRisk.flatMap((it) => it.opposite)]) {
    const { characters, cost } = fitting(statement.sql, Math.min(MOST.ofStatement, room));
    share.set(statement, characters);
    room -= cost;
  }
  return share;
};

/** Migrations that are shown whole, in the plan's order, and those that only their names are shown of. */
export const shownMigrations = ({ migrations }: Plan): { shown: Plan['migrations']; named: Plan['migrations'] } => {
  if (migrations.length <= MOST.migrations) return { shown: migrations, named: [] };
  const riskiest = migrations.toSorted((a, b) => WEIGHT[b.risk] - WEIGHT[a.risk]);
  const chosen = new Set(riskiest.slice(0, MOST.migrations));
  return { shown: migrations.filter((it) => chosen.has(it)), named: migrations.filter((it) => !chosen.has(it)) };
};

/** Number of characters at the beginning of a text that a room holds. */
const fitting = (sql: string, room: number): { characters: number; cost: number } => {
  let [characters, cost] = [0, 0];
  for (const line of sql.split('\n')) {
    if (cost + LINE >= room) break;
    const taken = Math.min(line.length + 1, room - cost - LINE);
    characters += taken;
    cost += taken + LINE;
    if (taken < line.length + 1) break;
  }
  return { characters: Math.min(characters, sql.length), cost };
};

const WEIGHT = { low: 0, medium: 1, high: 2 };
