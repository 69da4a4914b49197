import type { Caller } from './principals.ts';
import type { Compiled, Request } from './statement.ts';

/** Why something is not allowed, as AWS words it. */
export type Reason = 'identity-based deny' | 'resource-based deny' | 'no allow';

/**
 * Decides as IAM does within one account: a Deny anywhere settles it, otherwise one Allow of the role's policies or one
 * of the resource's policy that names the role suffices.
 * @returns undefined if it is allowed
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export const decide = (
  request: Request,
  ofRole: Compiled[],
  ofResource: Compiled[] = [],
  caller?: Caller,
): Reason | undefined => {
  const identity = ofRole.filter((it) => it.speaksOf(request));
  if (identity.some(({ effect }) => effect === 'Deny')) return 'identity-based deny';
  const meant = ofResource.flatMap((it) => {
    const how = caller && it.principals?.(caller);
    return how && it.speaksOf(request) ? [{ effect: it.effect, how }] : [];
  });
  if (meant.some(({ effect }) => effect === 'Deny')) return 'resource-based deny';
  return identity.length > 0 || meant.some(({ how }) => how === 'named') ? undefined : 'no allow';
};
