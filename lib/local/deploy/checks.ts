import { failure } from '../../failure.ts';
import { evaluate, type Scope } from '../template/evaluate.ts';
import { below, type Template, UnresolvableTemplate, type Where } from '../template/template.ts';
import type { Services } from './resource.ts';

export const ForeignEnvironment = failure(
  'ForeignEnvironment',
  (it: { stack: string; environment: string; here: string }) =>
    `Stack ${it.stack} is made for ${it.environment}, but the local cloud stands in ${it.here}. Open it with that place.`,
);

/** Is a stack made for an account that is another cloud on this machine? */
export const isElsewhere = ({ isNeighbour }: Services, { environment }: { environment: string }): boolean =>
  isNeighbour?.(/^aws:\/\/([^/]*)\//.exec(environment)?.[1] ?? '') ?? false;

/** Refuses a stack that is made for another account or Region than this. */
export const checkEnvironment = ({ place }: Services, stack: string, environment: string) => {
  const [, account = '', region = ''] = /^aws:\/\/([^/]*)\/(.*)$/.exec(environment) ?? [];
  const same = (wanted: string, here: string) => wanted === '' || wanted.startsWith('unknown-') || wanted === here;
  if (same(account, place.account) && same(region, place.region)) return;
  throw new ForeignEnvironment({ stack, environment, here: `aws://${place.account}/${place.region}` });
};

/** The template's own rules, such as CDK's about the version of its bootstrap stack. */
export const checkRules = (stack: string, { Rules = {} }: Template, scope: Scope) => {
  for (const [rule, { RuleCondition = true, Assertions }] of Object.entries(Rules)) {
    const where = { stack, path: `Rules.${rule}` };
    if (evaluate(RuleCondition, scope, where) !== true) continue;
    const broken = Assertions.find(({ Assert }) => evaluate(Assert, scope, where) !== true);
    if (broken)
      throw new UnresolvableTemplate({ ...where, problem: broken.AssertDescription ?? 'the assertion fails.' });
  }
};

/** Refuses an API's address on AWS, put together by hand: it would lead away from this machine. */
export const checkAddresses = (apis: Services['apis'], value: unknown, where: Where): void => {
  if (typeof value === 'object' && value !== null) {
    for (const [member, it] of Object.entries(value)) checkAddresses(apis, it, below(where, member));
  }
  const [, id = ''] = (typeof value === 'string' && /https?:\/\/([a-z0-9]+)\.execute-api\./.exec(value)) || [];
  if (!apis.has(id)) return;
  const problem =
    "it holds the API's address on AWS. Use the API's attribute ApiEndpoint instead (CDK: api.apiEndpoint, not api.url).";
  throw new UnresolvableTemplate({ ...where, problem });
};
