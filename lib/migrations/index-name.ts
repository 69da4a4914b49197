import type { Part } from './split.ts';

// biome-ignore lint/suspicious/noExplicitAny: nodes of the parse tree, see Part
type Tree = any;

/** How often each name is given to an index, chosen by the author or by PostgreSQL. */
export type IndexNames = Map<string, number>;

/** The names of the indexes that these statements create. */
export const indexNames = (parts: Part[]): IndexNames => {
  const names: IndexNames = new Map();
  for (const { kind, tree } of parts) {
    const name = kind === 'IndexStmt' ? (tree.idxname ?? defaultIndexName(tree)) : undefined;
    if (name) names.set(name, (names.get(name) ?? 0) + 1);
  }
  return names;
};

/**
 * The name to build an index by that has none: PostgreSQL's own choice, so that after a lost call the index can be
 * found. Undefined where it can't be told, or where another index of the folder has it too.
 */
export const chosenName = ({ kind, tree }: Part, names: IndexNames): string | undefined => {
  const name = kind === 'IndexStmt' && !tree.idxname ? defaultIndexName(tree) : undefined;
  return name && names.get(name) === 1 ? name : undefined;
};

/**
 * The name PostgreSQL gives to an index without one, by ChooseIndexName and makeObjectName of its sources, as long as
 * nothing else has it; undefined where that can't be told from the statement alone.
 */
const defaultIndexName = ({ relation, indexParams, indexIncludingParams = [] }: Tree): string | undefined => {
  const columns: string[] = [];
  for (const { IndexElem: it } of [...indexParams, ...indexIncludingParams]) {
    const name: string | undefined = it.name ?? columnName(it.expr);
    if (name === undefined) return undefined;
    columns.push(distinct(name, columns));
  }
  const [table, column] = shortened(relation.relname, clipped(columns.join('_'), LONGEST_NAME));
  return `${table}_${column}_idx`;
};

/** NAMEDATALEN - 1, in bytes. */
const LONGEST_NAME = 63;

/** Of FigureColname what indexes are usually made of. */
const columnName = (expression: Tree): string | undefined => {
  const [kind, node] = Object.entries<Tree>(expression)[0]!;
  if (kind === 'FuncCall') return node.funcname.at(-1).String.sval;
  if (kind === 'CoalesceExpr') return 'coalesce';
  if (kind === 'A_Expr' && /^AEXPR_(OP|LIKE|ILIKE|IN|OP_ANY|DISTINCT)$/.test(node.kind)) return 'expr';
  if (kind === 'BoolExpr' || kind === 'NullTest') return 'expr';
  return undefined;
};

const distinct = (name: string, taken: string[]): string => {
  let candidate = name;
  for (let number = 1; taken.includes(candidate); number += 1) {
    candidate = `${clipped(name, LONGEST_NAME - String(number).length)}${number}`;
  }
  return candidate;
};

/** The longer of both is cut until they fit together with what is put between and behind them. */
const shortened = (table: string, columns: string): [string, string] => {
  let [first, second] = [Buffer.byteLength(table), Buffer.byteLength(columns)];
  while (first + second > LONGEST_NAME - '__idx'.length) {
    if (first > second) first -= 1;
    else second -= 1;
  }
  return [clipped(table, first), clipped(columns, second)];
};

/** The longest beginning of whole characters that has at most so many bytes. */
const clipped = (text: string, bytes: number): string => {
  let length = 0;
  let kept = '';
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
};
