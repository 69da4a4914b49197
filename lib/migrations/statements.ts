import { blocks } from './blocks.ts';
import type { Statement } from './bundle.ts';
import type { Surroundings } from './classify.ts';
import { type Group, groups } from './groups.ts';
import { lost } from './lost.ts';
import type { Problem } from './problem.ts';
import { refusals } from './refusals.ts';
import { selectInto } from './select-into.ts';
import { carried } from './settings.ts';
import { settlement } from './settlement.ts';
import type { Source } from './source.ts';
import type { Part } from './split.ts';
import { touches } from './touches.ts';
import { wire } from './wire.ts';

/** Makes a file's parts the statements that travel in the bundle. */
export const statements = (
  of: Source,
  parts: Part[],
  around: Surroundings,
  { stepwise = false }: { stepwise?: boolean } = {},
): { statements: Statement[]; problems: Problem[] } => {
  const blocked = blocks(of, parts);
  const grouped = groups(of, blocked.blocks, around, stepwise);
  const settings = carried(of, grouped.groups);
  const made = grouped.groups.flatMap((group, at) => {
    const all = [...settings.carried[at]!, ...group.parts];
    return all.map((part, index) => statement(of, part, group, { at, first: index === 0 }, around));
  });
  return {
    statements: made.map((one) => one.statement),
    problems: [
      ...blocked.problems,
      ...grouped.problems,
      ...settings.problems,
      ...lost(of, grouped.groups),
      ...grouped.groups.flatMap((group) => group.parts.flatMap((part) => refusals(of, part))),
      ...made.flatMap((one) => one.problems),
    ],
  };
};

const statement = (
  of: Source,
  part: Part,
  { transactional, isolation }: Group,
  { at, first }: { at: number; first: boolean },
  around: Surroundings,
): { statement: Statement; problems: Problem[] } => {
  const { sql, line, column, offset, length, kind } = part;
  const place = { line, ...(column > 1 && { column }), offset, length };
  const touched = touches(part);
  const made: Statement = {
    ...{ sql, ...place, kind, transactional },
    ...(at > 0 && { group: at }),
    ...(touched.length > 0 && { touches: touched }),
  };
  if (transactional) {
    const rewritten = selectInto(part);
    return {
      statement: { ...made, ...(first && isolation && { isolation }), ...(rewritten && { wire: rewritten }) },
      problems: [],
    };
  }
  const { wire: text, problems } = wire(of, part, around.indexNames);
  const settles = settlement(part, around.indexNames);
  return { statement: { ...made, wire: text, ...(settles && { settles }) }, problems };
};
