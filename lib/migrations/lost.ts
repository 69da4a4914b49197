import type { Group } from './groups.ts';
import type { Problem } from './problem.ts';
import { problemAt, type Source } from './source.ts';
import type { Part } from './split.ts';

/**
 * Statements whose effect ends with their transaction or session where the file goes on behind it: each group has a
 * transaction of its own, in whatever session is free.
 */
export const lost = (of: Source, groups: Group[]): Problem[] => {
  if (groups.length === 1) return [];
  return groups.flatMap(({ parts, wrapped }, at) =>
    parts.flatMap((part, index) => {
      const ends = !wrapped && endsWithTransaction(part, parts[index + 1] === undefined);
      if (ends) return [problemAt(of, part.at, 'this lasts only as long as its transaction', BLOCK)];
      const name = sessionObject(part);
      const later = name === null ? undefined : groups.slice(at + 1).flatMap(mentioning(name))[0];
      return later
        ? [problemAt(of, part.at, `${name} is gone in line ${later.line}, which another session runs`, KEEP)]
        : [];
    }),
  );
};

const BLOCK = 'this file is more than one transaction: write BEGIN and COMMIT around what belongs to this';
const KEEP = 'write BEGIN and COMMIT around what uses it, or use a table of your own and drop it in the end';

/** PostgreSQL itself refuses these outside of BEGIN and COMMIT, or warns that they do nothing. */
const endsWithTransaction = ({ kind, tree }: Part, last: boolean): boolean =>
  kind === 'LockStmt' ||
  kind === 'ConstraintsSetStmt' ||
  (kind === 'DeclareCursorStmt' && !(tree.options & HOLD)) ||
  (kind === 'VariableSetStmt' && Boolean(tree.is_local) && last);

/** CURSOR_OPT_HOLD of PostgreSQL's parsenodes.h. */
const HOLD = 0x20;

/** What a statement makes for its session only, by name. */
const sessionObject = ({ kind, tree }: Part): string | null => {
  if (kind === 'PrepareStmt') return tree.name;
  if (kind === 'DeclareCursorStmt') return tree.portalname;
  const relation = tree.relation ?? tree.into?.rel ?? tree.view ?? tree.sequence ?? tree.intoClause?.rel;
  return CREATES.has(kind) && relation?.relpersistence === 't' ? relation.relname : null;
};

const CREATES = new Set(['CreateStmt', 'CreateTableAsStmt', 'ViewStmt', 'CreateSeqStmt', 'SelectStmt']);

const mentioning = (name: string) => {
  const word = new RegExp(
    `(?<![\\p{L}\\p{N}_$])${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\p{L}\\p{N}_$])`,
    'iu',
  );
  return (group: Group) => group.parts.filter(({ sql }) => word.test(sql));
};
