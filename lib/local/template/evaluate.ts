import { intrinsics } from './intrinsics.ts';
import { below, UnresolvableTemplate, type Where } from './template.ts';

/** What a template's expressions may refer to. Each throws if there is no such thing. */
export type Scope = {
  ref(name: string, where: Where): unknown;
  attribute(logicalId: string, attribute: string, where: Where): unknown;
  mapping(path: string[], where: Where): unknown;
  condition(name: string, where: Where): boolean;
  exported(name: string, where: Where): unknown;
  /** What `{{resolve:<service>:<rest>}}` stands for. */
  dynamic(service: string, rest: string, where: Where): string;
};

/** `AWS::NoValue`: the property that has it counts as not written. */
export const NO_VALUE = Symbol('AWS::NoValue');

/** The value of an expression of a template, with every intrinsic function and dynamic reference resolved. */
export const evaluate = (value: unknown, scope: Scope, where: Where): unknown => {
  if (typeof value === 'string') return dynamicReferences(value, scope, where);
  if (Array.isArray(value)) {
    return value.map((it, index) => evaluate(it, scope, below(where, index))).filter((it) => it !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const [name, ...more] = Object.keys(value);
  if (name && more.length === 0 && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'))) {
    // `Condition` is an intrinsic only inside conditions; elsewhere (a policy statement) it is a plain member.
    if (name !== 'Condition' || typeof Object(value)[name] === 'string')
      return call(name, Object(value)[name], scope, where);
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, it]): [string, unknown] => [key, evaluate(it, scope, below(where, key))])
      .filter(([, it]) => it !== NO_VALUE),
  );
};

const call = (name: string, argument: unknown, scope: Scope, where: Where) => {
  const intrinsic = Object.hasOwn(intrinsics, name) ? intrinsics[name] : undefined;
  if (intrinsic) return intrinsic(argument, scope, where);
  throw new UnresolvableTemplate({ ...where, problem: `the local cloud doesn't know the intrinsic function ${name}.` });
};

const dynamicReferences = (text: string, scope: Scope, where: Where) =>
  text.replaceAll(/\{\{resolve:([a-z-]+):([^{}]+)\}\}/g, (_, service: string, rest: string) =>
    scope.dynamic(service, rest, where),
  );
