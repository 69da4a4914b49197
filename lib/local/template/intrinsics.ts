import { evaluate, type Scope } from './evaluate.ts';
import { UnresolvableTemplate, type Where } from './template.ts';

type Intrinsic = (argument: unknown, scope: Scope, where: Where) => unknown;

/** CloudFormation's intrinsic functions. Arguments come unevaluated, as Fn::If must not look at the branch not taken. */
export const intrinsics: Record<string, Intrinsic> = {
  Ref: (argument, scope, where) => scope.ref(text(argument, where), where),

  'Fn::GetAtt': (argument, scope, where) => {
    const [logicalId = '', ...attribute] = typeof argument === 'string' ? argument.split('.') : list(argument, where);
    return scope.attribute(String(logicalId), text(evaluate(attribute.join('.'), scope, where), where), where);
  },

  'Fn::Join': (argument, scope, where) => {
    const [delimiter, parts] = pair(argument, where);
    return list(evaluate(parts, scope, where), where)
      .map((it) => text(it, where))
      .join(String(delimiter));
  },

  'Fn::Sub': (argument, scope, where) => {
    const [template, given] = typeof argument === 'string' ? [argument, {}] : pair(argument, where);
    const variables = Object(evaluate(given, scope, where));
    return text(template, where).replaceAll(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(variables, name)) return text(variables[name], where);
      const [logicalId = '', ...attribute] = name.trim().split('.');
      const value =
        attribute.length > 0 ? scope.attribute(logicalId, attribute.join('.'), where) : scope.ref(logicalId, where);
      return text(value, where);
    });
  },

  'Fn::Select': (argument, scope, where) => {
    const [index, from] = pair(argument, where);
    const values = list(evaluate(from, scope, where), where);
    const chosen = values[Number(evaluate(index, scope, where))];
    if (chosen === undefined)
      throw unresolvable(where, `Fn::Select has no element ${JSON.stringify(index)} of ${values.length}.`);
    return chosen;
  },

  'Fn::Split': (argument, scope, where) => {
    const [delimiter, source] = pair(argument, where);
    return text(evaluate(source, scope, where), where).split(String(delimiter));
  },

  'Fn::Base64': (argument, scope, where) =>
    Buffer.from(text(evaluate(argument, scope, where), where)).toString('base64'),

  'Fn::FindInMap': (argument, scope, where) =>
    scope.mapping(
      list(evaluate(argument, scope, where), where).map((it) => text(it, where)),
      where,
    ),

  'Fn::ImportValue': (argument, scope, where) => scope.exported(text(evaluate(argument, scope, where), where), where),

  'Fn::If': (argument, scope, where) => {
    const [condition, yes, no] = list(argument, where);
    return evaluate(scope.condition(text(condition, where), where) ? yes : no, scope, where);
  },

  Condition: (argument, scope, where) => scope.condition(text(argument, where), where),
  'Fn::Equals': (argument, scope, where) => {
    const [left, right] = pair(evaluate(argument, scope, where), where);
    return String(left) === String(right);
  },
  'Fn::And': (argument, scope, where) => list(evaluate(argument, scope, where), where).every((it) => truth(it, where)),
  'Fn::Or': (argument, scope, where) => list(evaluate(argument, scope, where), where).some((it) => truth(it, where)),
  'Fn::Not': (argument, scope, where) => !truth(list(evaluate(argument, scope, where), where)[0], where),
  'Fn::Contains': (argument, scope, where) => {
    const [values, value] = pair(evaluate(argument, scope, where), where);
    return list(values, where).map(String).includes(String(value));
  },
};

const text = (value: unknown, where: Where) => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw unresolvable(where, `a text was expected, not ${JSON.stringify(value) ?? String(value)}.`);
};

const list = (value: unknown, where: Where): unknown[] => {
  if (Array.isArray(value)) return value;
  throw unresolvable(where, `a list was expected, not ${JSON.stringify(value) ?? String(value)}.`);
};

const pair = (value: unknown, where: Where): [unknown, unknown] => {
  const [first, second, ...more] = list(value, where);
  if (second !== undefined && more.length === 0) return [first, second];
  throw unresolvable(where, `two arguments were expected, not ${JSON.stringify(value)}.`);
};

const truth = (value: unknown, where: Where) => {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw unresolvable(where, `a condition was expected, not ${JSON.stringify(value)}.`);
};

const unresolvable = (where: Where, problem: string) => new UnresolvableTemplate({ ...where, problem });
