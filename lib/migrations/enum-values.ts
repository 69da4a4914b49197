import { literals } from './literals.ts';
import type { Part } from './split.ts';

/**
 * The `ALTER TYPE … ADD VALUE` of a file whose new value a later statement of it uses. PostgreSQL lets no transaction
 * use a value it added (https://www.postgresql.org/docs/18/sql-altertype.html), so these must be committed before.
 * Told by the value's text in a later literal: at worst a migration is stepwise that need not be.
 */
export const addedAndUsed = (parts: Part[]): Set<Part> =>
  new Set(
    parts.filter(({ kind, tree }, at) => {
      if (kind !== 'AlterEnumStmt' || tree.oldVal !== undefined) return false;
      return parts.slice(at + 1).some((later) => uses(later, tree.newVal));
    }),
  );

const uses = (part: Part, value: string): boolean =>
  !NAMING.has(part.kind) && literals(part).some(({ content }) => mentions(content, value));

/** These write values' names or prose, not values. */
const NAMING = new Set(['AlterEnumStmt', 'CommentStmt']);

const mentions = (content: string, value: string): boolean =>
  content === value ||
  content.includes(`'${value.replaceAll("'", "''")}'`) ||
  (/^\s*\{.*\}\s*$/s.test(content) && content.split(/[{},"]/).some((element) => element.trim() === value));
