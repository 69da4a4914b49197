import { type Context, isKnownKey } from './condition-keys.ts';
import { type Operator, operatorNamed } from './operators.ts';
import { UnsupportedPolicy } from './unsupported-policy.ts';

export type Condition = (context: Context) => boolean;

/** The `Condition` element of a statement about these actions: all its operators must hold for all their keys. */
export const compileConditions = (element: unknown, actions: string[]): Condition[] => {
  if (element === undefined) return [];
  if (!isObject(element)) throw new UnsupportedPolicy({ problem: 'Condition has to be an object.' });
  return Object.entries(element).flatMap(([name, keys]) => {
    if (!isObject(keys)) throw new UnsupportedPolicy({ problem: `Condition.${name} has to be an object.` });
    return Object.entries(keys).map(([key, values]) => compileCondition(name, key, values, actions));
  });
};

const compileCondition = (name: string, key: string, given: unknown, actions: string[]): Condition => {
  if (!isKnownKey(key, actions)) {
    const problem = `the local cloud can't tell what the condition key ${key} would be on AWS.`;
    throw new UnsupportedPolicy({ problem });
  }
  const values = [given].flat().map(String);
  const variable = values.find((it) => it.includes('${'));
  if (variable) throw new UnsupportedPolicy({ problem: `the local cloud knows no policy variables: ${variable}` });
  const at = key.toLowerCase();
  if (name === 'Null') return isAbsent(at, values);

  const {
    set = '',
    operator: base = '',
    ifExists,
  } = /^((?<set>ForAllValues|ForAnyValue):)?(?<operator>\w+?)(?<ifExists>IfExists)?$/.exec(name)?.groups ?? {};
  const operator = operatorNamed(base);
  if (!operator)
    throw new UnsupportedPolicy({ problem: `the local cloud doesn't know the condition operator ${name}.` });
  const holds = compared(operator, values);
  return (context) => {
    const found = context(at);
    if (found === undefined) return ifExists !== undefined || whenAbsent(set, operator);
    if (set === 'ForAllValues') return found.every(holds);
    if (set === 'ForAnyValue') return found.some(holds);
    return found.length === 1 && holds(found[0]!);
  };
};

const compared = ({ compare, negated }: Operator, values: string[]) => {
  const all = values.map(compare);
  return (given: string) => all.some((matches) => matches(given)) !== negated;
};

/** A key that isn't there can't be equal, so only what asks for difference holds; of no values at all, all hold. */
const whenAbsent = (set: string, { negated }: Operator) => (set === '' ? negated : set === 'ForAllValues');

const isAbsent = (key: string, values: string[]): Condition => {
  const wrong = values.find((it) => !/^(true|false)$/i.test(it));
  if (wrong) throw new UnsupportedPolicy({ problem: `Null is true or false, not ${wrong}.` });
  return (context) => values.some((it) => (it.toLowerCase() === 'true') === (context(key) === undefined));
};

const isObject = (it: unknown): it is Record<string, unknown> =>
  typeof it === 'object' && it !== null && !Array.isArray(it);
