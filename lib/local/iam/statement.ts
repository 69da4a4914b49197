import type { Context } from './condition-keys.ts';
import { compileConditions } from './conditions.ts';
import { compilePrincipals, type Principals } from './principals.ts';
import { UnsupportedPolicy } from './unsupported-policy.ts';
import { like, likeResource } from './wildcard.ts';

/** A statement as it stands in a policy, its intrinsic functions resolved. */
export type Statement = { Effect: 'Allow' | 'Deny'; [member: string]: unknown };

/** What somebody wants to do. */
export type Request = { action: string; resource: string; context: Context };

/** A statement whose patterns are ready to be compared. */
export type Compiled = {
  effect: 'Allow' | 'Deny';
  /** Whom it speaks of, where the policy belongs to a resource. */
  principals: Principals | undefined;
  speaksOf(request: Request): boolean;
};

/** Policies of roles say nothing of principals; those of resources do, and trust policies, which have no resource. */
export type Kind = 'identity' | 'resource' | 'trust';

/** Compiles each statement once. @throws UnsupportedPolicy */
export const compile = (statement: Statement, kind: Kind = 'identity'): Compiled => {
  const known = compiled.get(statement);
  if (known) return known;
  const made = compileStatement(statement, kind);
  compiled.set(statement, made);
  return made;
};

const compiled = new WeakMap<Statement, Compiled>();

const compileStatement = (statement: Statement, kind: Kind): Compiled => {
  const { Sid: _, Effect, Action, NotAction, Resource, NotResource, Principal, Condition, ...others } = statement;
  const [unknown] = Object.keys(others);
  if (unknown) throw new UnsupportedPolicy({ problem: `the local cloud doesn't know the element ${unknown}.` });
  if (Effect !== 'Allow' && Effect !== 'Deny')
    throw new UnsupportedPolicy({ problem: `Effect is Allow or Deny, not ${Effect}.` });
  if ((kind === 'identity') !== (Principal === undefined))
    throw new UnsupportedPolicy({
      problem: `a policy of this kind has ${kind === 'identity' ? 'no' : 'a'} Principal.`,
    });

  const action = either('Action', Action, NotAction, actionPattern);
  const resource = kind === 'trust' ? () => true : either('Resource', Resource, NotResource, resourcePattern);
  const conditions = compileConditions(Condition, [Action ?? '*'].flat().map(String));
  return {
    effect: Effect,
    principals: Principal === undefined ? undefined : compilePrincipals(Principal),
    speaksOf: (request) =>
      action(request.action.toLowerCase()) &&
      resource(request.resource) &&
      conditions.every((holds) => holds(request.context)),
  };
};

type Matches = (text: string) => boolean;

const either = (element: string, given: unknown, not: unknown, pattern: (text: string) => Matches): Matches => {
  if ((given === undefined) === (not === undefined))
    throw new UnsupportedPolicy({ problem: `a statement has either ${element} or Not${element}.` });
  const all = [given ?? not].flat().map((text) => pattern(String(text)));
  const some: Matches = (text) => all.some((matches) => matches(text));
  return not === undefined ? some : (text) => !some(text);
};

const actionPattern = (text: string) => {
  if (/^(\*|[\w-]+:[\w*?]+)$/.test(text)) return like(text.toLowerCase());
  throw new UnsupportedPolicy({ problem: `"${text}" is no action; they are written service:Action.` });
};

const resourcePattern = (text: string) => {
  if (text.includes('${'))
    throw new UnsupportedPolicy({ problem: `the local cloud knows no policy variables: ${text}` });
  if (text === '*' || /^arn:./.test(text)) return likeResource(text);
  throw new UnsupportedPolicy({ problem: `"${text}" is no resource; they are ARNs, or * for all.` });
};
