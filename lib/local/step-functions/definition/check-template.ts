import jsonata from 'jsonata';
import { expressionText, isExpression } from '../jsonata/expression.ts';
import type { Check } from './check-machine.ts';
import { isObject } from './is-object.ts';

/** Members of `$states` that not every field may read. */
export type Readable = ('result' | 'errorOutput')[];

/** Checks every expression in a field's value, however deep. */
export const checkTemplate = (template: unknown, at: string, check: Check, readable: Readable = []): void => {
  if (Array.isArray(template)) {
    for (const [n, item] of template.entries()) checkTemplate(item, `${at}[${n}]`, check, readable);
  } else if (isObject(template)) {
    for (const [key, value] of Object.entries(template)) checkTemplate(value, `${at}/${key}`, check, readable);
  } else if (typeof template === 'string') checkString(template, at, check, readable);
};

/** Checks a field that is a number or an expression for one. */
export const checkNumber = (
  value: unknown,
  at: string,
  check: Check,
  least: number,
  most = 99_999_999,
  integer = true,
) => {
  if (typeof value === 'string' && isExpression(value)) return checkTemplate(value, at, check);
  if (typeof value !== 'number' || value < least || value > most || (integer && !Number.isInteger(value)))
    check.report(
      at,
      `Expected ${integer ? 'an integer' : 'a number'} from ${least} to ${most} or a JSONata expression`,
    );
};

const checkString = (text: string, at: string, check: Check, readable: Readable) => {
  const looksLike = text.trim().startsWith('{%') || text.trim().endsWith('%}');
  if (!isExpression(text)) {
    if (looksLike)
      check.report(
        at,
        `A JSONata expression must begin with '{%' and end with '%}', without anything outside`,
        'INVALID_JSONATA_EXPRESSION',
      );
    return;
  }
  try {
    const problems = new Set<string>();
    checkNode(jsonata(expressionText(text)).ast(), true, (problem) => problems.add(problem), readable);
    for (const problem of problems) check.report(at, problem, 'UNSUPPORTED_JSONATA_EXPRESSION');
  } catch (thrown) {
    const { code, message } = thrown as { code?: string; message: string };
    check.report(at, `${code ? `${code}: ` : ''}${message}`, 'INVALID_JSONATA_EXPRESSION');
  }
};

type Node = { type?: string; value?: unknown; steps?: Node[]; [key: string]: unknown };

/** `top`: is the context still the top-level one, which doesn't exist in Step Functions? */
const checkNode = (node: unknown, top: boolean, problem: (message: string) => void, readable: Readable): void => {
  if (Array.isArray(node)) {
    for (const it of node) checkNode(it, top, problem, readable);
    return;
  }
  if (typeof node !== 'object' || node === null || node instanceof RegExp) return;
  const it = node as Node;
  if (top && ['name', 'wildcard', 'descendant', 'parent'].includes(it.type!))
    problem(`Reference to '${it.type === 'name' ? it.value : it.type}' at the top level is not supported.`);
  if (it.type === 'variable' && it.value === '$') problem(`Reference to '$$' is not supported.`);
  if (it.type === 'variable' && it.value === 'eval')
    problem(`The function $eval is not supported, use $parse instead.`);
  if (it.type === 'path') {
    checkStates(it.steps!, problem, readable);
    for (const [n, step] of it.steps!.entries()) checkNode(step, top && n === 0, problem, readable);
    checkNode(it.group, false, problem, readable);
    return;
  }
  for (const [key, value] of Object.entries(it)) {
    // What stands in brackets after an expression is evaluated for each of its items.
    const perItem =
      ['predicate', 'stages', 'group', 'pattern', 'update', 'delete'].includes(key) ||
      (it.type === 'sort' && key === 'terms');
    if (key !== 'value') checkNode(value, top && !perItem, problem, readable);
  }
};

const checkStates = ([first, second]: Node[], problem: (message: string) => void, readable: Readable) => {
  if (first?.type !== 'variable' || first.value !== 'states' || second?.type !== 'name') return;
  const member = second.value as string;
  if (['result', 'errorOutput'].includes(member) && !readable.includes(member as Readable[number]))
    problem(`Reference to '$states.${member}' is not supported in this field.`);
  if (!['input', 'context', 'result', 'errorOutput'].includes(member))
    problem(`'$states.${member}' does not exist: $states has input, context, result and errorOutput.`);
};
