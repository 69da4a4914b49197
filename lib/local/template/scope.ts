import type { Place } from '../service.ts';
import { evaluate, NO_VALUE, type Scope } from './evaluate.ts';
import { type Template, UnresolvableTemplate, type Where } from './template.ts';

export type Made = { ref: string; attributes?: Record<string, string> };

export type World = {
  place: Place;
  stack: string;
  stackId: string;
  template: Template;
  /** What has been created of this stack so far, by logical id. */
  resources: Map<string, Made>;
  /** The value that a stack exports under this name, or undefined. */
  exported(name: string): string | undefined;
  /** The value of an SSM parameter, or undefined. */
  parameter(name: string): string | undefined;
  /** The current string of a secret; throws if there is none. */
  secret(id: string): string;
};

/** The scope of one stack's expressions. */
export const scopeOf = (world: World): Scope => {
  const { place, stack, stackId, template, resources } = world;
  const parameters = new Map<string, unknown>();
  const conditions = new Map<string, boolean>();
  const unresolvable = (where: Where, problem: string) => new UnresolvableTemplate({ ...where, problem });
  const pseudo: Record<string, unknown> = {
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    'AWS::Partition': place.partition,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack,
    'AWS::StackId': stackId,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': NO_VALUE,
  };

  const scope: Scope = {
    ref(name, where) {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      if (template.Parameters && Object.hasOwn(template.Parameters, name)) return parameter(name, where);
      const made = resources.get(name);
      if (made) return made.ref;
      throw unresolvable(where, `Ref to ${name}, which this template doesn't have.`);
    },
    attribute(logicalId, attribute, where) {
      const made = resources.get(logicalId);
      if (!made) throw unresolvable(where, `Fn::GetAtt of ${logicalId}, which this template doesn't have.`);
      const { attributes = {} } = made;
      if (Object.hasOwn(attributes, attribute)) return attributes[attribute];
      const type = template.Resources?.[logicalId]?.Type;
      throw unresolvable(where, `the local cloud doesn't know the attribute ${attribute} of ${logicalId} (${type}).`);
    },
    mapping([map = '', top = '', second = ''], where) {
      const value = template.Mappings?.[map]?.[top]?.[second];
      if (value !== undefined) return value;
      throw unresolvable(where, `there is no ${map}.${top}.${second} in Mappings.`);
    },
    condition(name, where) {
      const known = conditions.get(name);
      if (known !== undefined) return known;
      if (!template.Conditions || !Object.hasOwn(template.Conditions, name))
        throw unresolvable(where, `there is no condition ${name}.`);
      const holds = evaluate(template.Conditions[name], scope, { stack, path: `Conditions.${name}` }) === true;
      conditions.set(name, holds);
      return holds;
    },
    exported(name, where) {
      const value = world.exported(name);
      if (value !== undefined) return value;
      throw unresolvable(where, `no deployed stack exports "${name}".`);
    },
    dynamic(service, rest, where) {
      if (service === 'ssm') {
        const value = world.parameter(rest);
        if (value !== undefined) return value;
        throw unresolvable(where, `there is no SSM parameter ${rest}.`);
      }
      if (service !== 'secretsmanager')
        throw unresolvable(where, `the local cloud can't resolve {{resolve:${service}:…}}.`);
      return secretPart(world, rest, where);
    },
  };

  const parameter = (name: string, where: Where) => {
    const standing = parameters.get(name);
    if (standing !== undefined) return standing;
    const { Type, Default } = template.Parameters![name]!;
    if (Default === undefined)
      throw unresolvable(where, `the parameter ${name} has no default, and the local cloud has nobody to ask.`);
    const value = Type.startsWith('AWS::SSM::Parameter::Value<') ? world.parameter(String(Default)) : Default;
    if (value === undefined)
      throw unresolvable(where, `the parameter ${name} reads ${Default} from SSM, which doesn't exist.`);
    const isList = Type.includes('List');
    const resolved = isList ? String(value).split(',') : value;
    parameters.set(name, resolved);
    return resolved;
  };
  return scope;
};

/** `<id or ARN>:SecretString:<JSON key>:<stage>:<version>`; an ARN has seven parts of its own. */
const secretPart = ({ secret }: World, rest: string, where: Where) => {
  const parts = rest.split(':');
  const id = parts.splice(0, rest.startsWith('arn:') ? 7 : 1).join(':');
  const [kind = 'SecretString', key, stage, version] = parts;
  const problem = (text: string) => new UnresolvableTemplate({ ...where, problem: text });
  if (kind !== 'SecretString' || version || (stage && stage !== 'AWSCURRENT')) {
    throw problem(`the local cloud resolves a secret's current SecretString only, not ${rest}.`);
  }
  const value = secret(id);
  if (!key) return value;
  const member = Object(JSON.parse(value))[key];
  if (member === undefined) throw problem(`the secret ${id} has no member "${key}".`);
  return String(member);
};
