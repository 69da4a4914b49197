import type { Caller } from './principals.ts';
import type { Compiled, Request } from './statement.ts';

/** Why something is not allowed, as AWS words it. */
export type Reason = 'identity-based deny' | 'resource-based deny' | 'no allow' | 'no resource allow';

/**
 * What has to allow it. `either`: the caller's own policies, or the resource's, which names the caller. `key`: a key's
 * policy, which may leave it to the account's own. `both`: between accounts, the one's and the other's.
 */
export type Rule = 'either' | 'key' | 'both';

/**
 * Decides as IAM does: a Deny anywhere settles it, otherwise it needs to be allowed as the rule says.
 * @returns undefined if it is allowed
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export const decide = (
  request: Request,
  ofRole: Compiled[],
  ofResource: Compiled[] = [],
  caller?: Caller,
  rule: Rule = 'either',
): Reason | undefined => {
  const identity = ofRole.filter((it) => it.speaksOf(request));
  if (identity.some(({ effect }) => effect === 'Deny')) return 'identity-based deny';
  const meant = ofResource.flatMap((it) => {
    const how = caller && it.principals?.(caller);
    return how && it.speaksOf(request) ? [{ effect: it.effect, how }] : [];
  });
  if (meant.some(({ effect }) => effect === 'Deny')) return 'resource-based deny';
  const own = identity.length > 0;
  const named = meant.some(({ how }) => how === 'named');
  if (rule === 'either') return own || named ? undefined : 'no allow';
  if (rule === 'key' && named) return undefined;
  if (meant.length === 0) return 'no resource allow';
  return own ? undefined : 'no allow';
};
