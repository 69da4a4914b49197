import type { Group } from './groups.ts';
import type { Problem } from './problem.ts';
import { problemAt, type Source } from './source.ts';
import type { Part } from './split.ts';

/** Whether a statement is nothing but `SET`, `RESET` or `SELECT set_config(…)`. */
export const isSetting = (part: Part): boolean => part.kind === 'VariableSetStmt' || configured(part) !== null;

/**
 * The settings that each group has to make again because the session of an earlier one made them: no two groups share
 * a session. What is sent by itself has no session to make them in, so there they are problems.
 */
export const carried = (of: Source, groups: Group[]): { carried: Part[][]; problems: Problem[] } => {
  const inForce = new Map<string, Part>();
  const unreached = new Map<Part, Problem>();
  const carried = groups.map((group) => {
    const before = [...inForce];
    for (const part of group.parts) keep(inForce, part);
    if (group.transactional) return before.map(([, part]) => part);
    for (const [name, part] of before) {
      if (!INDIFFERENT.has(name) && group.parts[0]!.kind !== 'DiscardStmt')
        unreached.set(part, noSession(of, name, part, group.parts[0]!));
    }
    return [];
  });
  return { carried, problems: [...unreached.values()] };
};

const keep = (inForce: Map<string, Part>, part: Part): void => {
  const all = part.tree.kind === 'VAR_RESET_ALL' || part.tree.target === 'DISCARD_ALL';
  if (all) inForce.clear();
  if (all || !isSetting(part) || part.tree.is_local) return;
  const name = configured(part) ?? part.tree.name;
  // Deleted first: what is set again counts from its last place.
  inForce.delete(name);
  if (!/RESET|DEFAULT/.test(part.tree.kind)) inForce.set(name, part);
};

/** The name that `SELECT set_config(name, …, false)` sets for the session. */
const configured = ({ kind, tree }: Part): string | null => {
  const call =
    kind === 'SelectStmt' && tree.targetList?.length === 1 ? tree.targetList[0].ResTarget.val?.FuncCall : undefined;
  if (call?.funcname.at(-1).String.sval !== 'set_config' || tree.fromClause) return null;
  const [name, , local] = call.args ?? [];
  const forSession = local?.A_Const?.boolval && !local.A_Const.boolval.boolval;
  return forSession ? (name?.A_Const?.sval?.sval.toLowerCase() ?? null) : null;
};

/** Settings that change nothing of what is sent by itself. */
const INDIFFERENT = new Set([
  'application_name',
  'check_function_bodies',
  'client_encoding',
  'client_min_messages',
  'escape_string_warning',
  'idle_in_transaction_session_timeout',
  'row_security',
  'standard_conforming_strings',
  'xmloption',
]);

const noSession = (of: Source, name: string, part: Part, alone: Part): Problem =>
  problemAt(
    of,
    part.at,
    `the statement in line ${alone.line} is sent by itself: what is set here doesn't reach it`,
    REMEDIES[name] ?? `RESET ${name} before it, or set it for the role or the database with ALTER … SET`,
  );

const REMEDIES: Record<string, string> = {
  lock_timeout: 'write it as a line at the head of the file instead: -- lockstep: lock-timeout=5s',
  statement_timeout: 'write it as a line at the head of the file instead: -- lockstep: statement-timeout=2h',
  search_path: 'write the schema before the names in that statement, and RESET search_path before it',
  role: 'RESET ROLE before it; who needs other rights there gets them by GRANT',
};
