import { AwsError } from '../protocol/aws-error.ts';

export type FilterPolicy = { [key: string]: unknown };

/** Does the policy let a message with these attributes (or this JSON body) through? All keys must match, any of a key's conditions. */
export const passes = (policy: FilterPolicy, message: { [key: string]: unknown }): boolean =>
  Object.entries(policy).every(([key, rule]) => {
    if (key === '$or') return (rule as FilterPolicy[]).some((one) => passes(one, message));
    const value = message[key];
    if (!Array.isArray(rule))
      return typeof value === 'object' && value !== null && passes(rule as FilterPolicy, { ...value });
    const values = Array.isArray(value) ? value : [value];
    return rule.some((condition) => values.some((it) => meets(condition, it)));
  });

/**
 * Refuses what SNS does and what `passes` doesn't know, when the subscription is made and not when a message would
 * silently go missing.
 * @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
export const checkFilterPolicy = (policy: unknown, scope: 'MessageAttributes' | 'MessageBody'): FilterPolicy => {
  checkRules(policy, scope);
  const values = valuesOf(policy as FilterPolicy);
  if (values.length > 5) throw invalid('Filter policy can not have more than 5 keys');
  if (values.reduce((product, it) => product * it, 1) > 150) throw invalid('Filter policy is too complex');
  return policy as FilterPolicy;
};

const checkRules = (policy: unknown, scope: 'MessageAttributes' | 'MessageBody'): void => {
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) throw invalid('it must be an object');
  for (const [key, rule] of Object.entries(policy)) {
    if (key !== '$or' && !Array.isArray(rule) && scope === 'MessageAttributes')
      throw invalid('Filter policy scope MessageAttributes does not support nested filter policy');
    for (const one of Array.isArray(rule) ? rule : [rule]) {
      if (key === '$or' || !Array.isArray(rule)) checkRules(one, scope);
      else checkCondition(key, one);
    }
  }
};

/** How many values each key has, times how deep it stands. */
const valuesOf = (policy: FilterPolicy, depth = 1): number[] =>
  Object.entries(policy).flatMap(([key, rule]) => {
    if (key === '$or') return (rule as FilterPolicy[]).flatMap((one) => valuesOf(one, depth));
    return Array.isArray(rule) ? [rule.length * depth] : valuesOf(rule as FilterPolicy, depth + 1);
  });

const checkCondition = (key: string, condition: unknown) => {
  if (typeof condition !== 'object' || condition === null) return;
  const operators = Object.keys(condition);
  if (operators.length === 1 && Object.hasOwn(operations, operators[0]!)) return;
  throw invalid(`"${key}" uses ${operators.join(', ') || 'no operator'}, which the local cloud doesn't know`);
};

const invalid = (why: string) => new AwsError('InvalidParameter', `Invalid parameter: FilterPolicy: ${why}`);

const meets = (condition: unknown, value: unknown) => {
  if (typeof condition !== 'object' || condition === null) return value === condition;
  const [operator = '', operand] = Object.entries(condition)[0] ?? [];
  return operations[operator]!(operand, value);
};

const operations: Record<string, (operand: unknown, value: unknown) => boolean> = {
  exists: (operand, value) => (value !== undefined) === operand,
  prefix: (operand, value) => typeof value === 'string' && value.startsWith(String(operand)),
  suffix: (operand, value) => typeof value === 'string' && value.endsWith(String(operand)),
  'equals-ignore-case': (operand, value) =>
    typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase(),
  'anything-but': (operand, value) =>
    value !== undefined && ![operand].flat().some((it) => (typeof it === 'object' ? meets(it, value) : it === value)),
  numeric: (operand, value) => {
    const terms = operand as (string | number)[];
    return (
      typeof value === 'number' &&
      terms.every((term, i) => i % 2 === 1 || compare(value, String(term), Number(terms[i + 1])))
    );
  },
};

const compare = (left: number, operator: string, right: number) =>
  ({ '=': left === right, '<': left < right, '<=': left <= right, '>': left > right, '>=': left >= right })[operator] ??
  false;
