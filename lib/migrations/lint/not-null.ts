import type { Look, Tree } from './tree.ts';

/**
 * Which SET NOT NULL need no scan: PostgreSQL skips it where a validated CHECK says IS NOT NULL already. Reads the
 * migrations in their order; gives, for each, what it may set, as `statement.column`.
 */
export const checkedColumns = (migrations: Look[][]): Set<string>[] => {
  const checks = new Map<string, { columns: string[]; valid: boolean }>();
  return migrations.map((looks) => {
    const checked = new Set<string>();
    for (const { kind, tree, index } of looks) {
      if (kind !== 'AlterTableStmt') continue;
      const table: string = tree.relation.relname;
      for (const { AlterTableCmd: it } of tree.cmds as Tree[]) {
        const key = (constraint: string) => `${table}.${constraint}`;
        const { conname, raw_expr, skip_validation } = it.def?.Constraint ?? {};
        if (it.subtype === 'AT_AddConstraint' && conname)
          checks.set(key(conname), { columns: notNulls(raw_expr), valid: !skip_validation });
        if (it.subtype === 'AT_ValidateConstraint')
          checks.set(key(it.name), { ...known(checks, key(it.name)), valid: true });
        if (it.subtype === 'AT_DropConstraint') checks.delete(key(it.name));
        if (it.subtype === 'AT_SetNotNull' && holds(checks, table, it.name)) checked.add(`${index}.${it.name}`);
      }
    }
    return checked;
  });
};

type Checks = Map<string, { columns: string[]; valid: boolean }>;

const known = (checks: Checks, key: string) => checks.get(key) ?? { columns: [], valid: false };

const holds = (checks: Checks, table: string, column: string): boolean =>
  [...checks].some(([key, it]) => key.startsWith(`${table}.`) && it.valid && it.columns.includes(column));

/** Columns that `a IS NOT NULL AND …` names. */
const notNulls = (tree: Tree): string[] => {
  if (tree?.BoolExpr?.boolop === 'AND_EXPR') return tree.BoolExpr.args.flatMap(notNulls);
  const test = tree?.NullTest;
  const column = test?.nulltesttype === 'IS_NOT_NULL' ? test.arg.ColumnRef?.fields.at(-1).String?.sval : undefined;
  return column ? [column] : [];
};
