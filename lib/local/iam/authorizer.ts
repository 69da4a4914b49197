import type { Clock } from '../clock.ts';
import type { Abroad } from '../neighbours.ts';
import type { Place } from '../service.ts';
import { decide, type Reason, type Rule } from './decide.ts';
import { contextOf } from './request-context.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import { compile, type Statement } from './statement.ts';
import { type KnownIdentity, ownerOf, type Subject, subjectOf } from './subject.ts';

/** A permission that an operation needs. */
export type Check = {
  /** As AWS writes it in its messages, `SNS:Publish` for one. */
  action: string;
  /** An ARN, or `*` for an action without resources. */
  resource: string;
  /** The resource as AWS's message names it, or nothing where it names none. @default resource */
  shown?: string | undefined;
  /** Condition keys of this operation, in lower case. */
  keys?: Record<string, string[]>;
};

/** A check and what came of it. `role` is the name of the role, or of the user. */
export type Decision = Check & { role: string; principal: string; reason: Reason | undefined };

export type Authorizer = ReturnType<typeof authorizer>;

/**
 * Decides what users and the sessions of roles may do; whoever else calls is the account's root, whom only keys' policies
 * bind, and other accounts'.
 */
export const authorizer = (it: {
  place: Place;
  clock: Clock;
  role(name: string): KnownIdentity | undefined;
  user?(name: string): KnownIdentity | undefined;
  resourcePolicies: ResourcePolicies;
  /** Whose a resource of another account is, and its policies. @default there is no other account */
  abroad?(resource: string): Abroad | undefined;
}) => {
  const { place, clock } = it;
  const listeners = new Set<(decision: Decision) => void>();

  const ruleOf = (resource: string): Abroad & { rule: Rule } => {
    const foreign = it.abroad?.(resource);
    if (foreign) return { rule: 'both', ...foreign };
    const rule = /^arn:[^:]+:kms:/.test(resource) ? 'key' : 'either';
    return { rule, account: place.account, policies: it.resourcePolicies.of(resource) };
  };
  const tell = (subject: Subject, check: Check, reason: Reason | undefined) => {
    if (subject.type === 'Account') return reason;
    const decision = { ...check, role: subject.name, principal: subject.principal, reason };
    for (const listener of listeners) listener(decision);
    return reason;
  };
  const asked = (subject: Subject, check: Check) => ({
    request: { ...check, context: contextOf(place, clock, subject, check) },
    caller: { roleArn: subject.arn, sessionArn: subject.principal, account: place.account },
  });

  return {
    /** AWS's sentence about the first of these permissions that the principal lacks; undefined if it has them all. */
    refusal(principal: string, checks: Check[]): string | undefined {
      const subject = subjectOf(principal, it) ?? ownerOf(principal);
      for (const check of checks) {
        const { rule, policies, account } = ruleOf(check.resource);
        if (subject.type === 'Account' && rule === 'either') continue;
        const keys = { ...check.keys, 'aws:resourceaccount': [account] };
        const { request, caller } = asked(subject, { ...check, keys });
        const reason = decide(request, subject.statements, policies, caller, rule);
        if (tell(subject, check, reason)) return sentence(principal, check, reason!);
      }
      return undefined;
    },
    /**
     * AWS's sentence if the principal may not assume the role. Its trust policy must say so: about the principal itself,
     * or about the account, and then the principal's own policies must, too.
     */
    refusedRole(principal: string, roleArn: string, trust: Statement[], keys: Check['keys'] = {}): string | undefined {
      const subject = subjectOf(principal, it);
      if (!subject) return undefined;
      const check = { action: 'sts:AssumeRole', resource: roleArn, keys };
      const { request, caller } = asked(subject, check);
      const policy = trust.map((statement) => compile(statement, 'trust'));
      const named = decide(request, [], policy, caller);
      const own = decide(request, subject.statements);
      const trusted = policy.some((one) => one.principals?.(caller) && one.speaksOf(request));
      const unnamed = trusted && own === undefined ? undefined : 'no allow';
      const reason = own === 'identity-based deny' ? own : named === 'no allow' ? unnamed : named;
      if (!tell(subject, check, reason)) return undefined;
      // Of two policies that could have allowed it, AWS names none.
      return sentence(principal, check, reason!).replace(/ because .*$/, '');
    },
    /** Calls the listener for every decision from now on; returns what ends that. */
    on(listener: (decision: Decision) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const sentence = (principal: string, { action, ...check }: Check, reason: Reason) => {
  const shown = 'shown' in check ? check.shown : check.resource;
  const why = {
    'identity-based deny': 'with an explicit deny in an identity-based policy',
    'resource-based deny': 'with an explicit deny in a resource-based policy',
    'no resource allow': `because no resource-based policy allows the ${action} action`,
    'no allow': `because no identity-based policy allows the ${action} action`,
  }[reason];
  const where = shown === undefined ? '' : ` on resource: ${shown}`;
  return `User: ${principal} is not authorized to perform: ${action}${where} ${why}`;
};
