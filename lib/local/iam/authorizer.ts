import type { Clock } from '../clock.ts';
import type { Place } from '../service.ts';
import type { Context } from './condition-keys.ts';
import { decide, type Reason } from './decide.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import { roleOf } from './sessions.ts';
import { type Compiled, compile, type Statement } from './statement.ts';

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

/** A check and what came of it. */
export type Decision = Check & { role: string; principal: string; reason: Reason | undefined };

type KnownRole = { arn: string; statements: Statement[] };

export type Authorizer = ReturnType<typeof authorizer>;

/** Decides what the sessions of roles may do; whoever else calls is the account's root, who may do everything. */
export const authorizer = (it: {
  place: Place;
  clock: Clock;
  role(name: string): KnownRole | undefined;
  resourcePolicies: ResourcePolicies;
}) => {
  const { place, clock } = it;
  const listeners = new Set<(decision: Decision) => void>();

  const decided = (role: string, principal: string, check: Check): Decision => {
    const known = it.role(role);
    const ofRole: Compiled[] = (known?.statements ?? []).map((statement) => compile(statement));
    const request = { ...check, context: contextOf(place, clock, known?.arn ?? '', check) };
    const caller = { roleArn: known?.arn ?? '', sessionArn: principal, account: place.account };
    const reason = decide(request, ofRole, it.resourcePolicies.of(check.resource), caller);
    const decision = { ...check, role, principal, reason };
    for (const listener of listeners) listener(decision);
    return decision;
  };

  return {
    /** AWS's sentence about the first of these permissions that the principal lacks; undefined if it has them all. */
    refusal(principal: string, checks: Check[]): string | undefined {
      const role = roleOf(principal);
      if (role === undefined) return undefined;
      for (const check of checks) {
        const { reason } = decided(role, principal, check);
        if (reason) return sentence(principal, check, reason);
      }
      return undefined;
    },
    /** Calls the listener for every decision from now on; returns what ends that. */
    on(listener: (decision: Decision) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

/**
 * The condition keys of a request.
 * What reaches the local cloud never leaves the machine, so loopback stands in for TLS: aws:SecureTransport is true, and
 * the usual Deny of plain HTTP in policies of buckets and topics doesn't fire, as it doesn't for an SDK on AWS.
 */
const contextOf = ({ account, region }: Place, clock: Clock, roleArn: string, { keys }: Check): Context => {
  const common: Record<string, () => string> = {
    'aws:currenttime': () => clock.now().toISOString(),
    'aws:epochtime': () => String(Math.floor(clock.now().getTime() / 1000)),
    'aws:securetransport': () => 'true',
    'aws:requestedregion': () => region,
    'aws:principalarn': () => roleArn,
    'aws:principalaccount': () => account,
    'aws:principaltype': () => 'AssumedRole',
    'aws:principalisawsservice': () => 'false',
    'aws:resourceaccount': () => account,
    'aws:viaawsservice': () => 'false',
  };
  return (key) => {
    const own = keys?.[key];
    if (own) return own;
    return Object.hasOwn(common, key) ? [common[key]!()] : undefined;
  };
};

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const sentence = (principal: string, { action, ...check }: Check, reason: Reason) => {
  const shown = 'shown' in check ? check.shown : check.resource;
  const why = {
    'identity-based deny': 'with an explicit deny in an identity-based policy',
    'resource-based deny': 'with an explicit deny in a resource-based policy',
    'no allow': `because no identity-based policy allows the ${action} action`,
  }[reason];
  const where = shown === undefined ? '' : ` on resource: ${shown}`;
  return `User: ${principal} is not authorized to perform: ${action}${where} ${why}`;
};
