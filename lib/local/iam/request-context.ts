import type { Clock } from '../clock.ts';
import type { Place } from '../service.ts';
import type { Check } from './authorizer.ts';
import type { Context } from './condition-keys.ts';
import type { Subject } from './subject.ts';

/**
 * The condition keys of a request.
 * What reaches the local cloud never leaves the machine, so loopback stands in for TLS: aws:SecureTransport is true, and
 * the usual Deny of plain HTTP in policies of buckets and topics doesn't fire, as it doesn't for an SDK on AWS.
 */
export const contextOf = ({ account, region }: Place, clock: Clock, subject: Subject, { keys }: Check): Context => {
  const common: Record<string, () => string | undefined> = {
    'aws:currenttime': () => clock.now().toISOString(),
    'aws:epochtime': () => String(Math.floor(clock.now().getTime() / 1000)),
    'aws:securetransport': () => 'true',
    'aws:requestedregion': () => region,
    'aws:principalarn': () => subject.arn,
    'aws:principalaccount': () => account,
    'aws:principaltype': () => subject.type,
    'aws:principalisawsservice': () => 'false',
    'aws:resourceaccount': () => account,
    'aws:userid': () => subject.userId,
    'aws:username': () => (subject.type === 'User' ? subject.name : undefined),
    'aws:viaawsservice': () => 'false',
  };
  return (key) => {
    const own = keys?.[key];
    if (own) return own;
    const value = Object.hasOwn(common, key) ? common[key]!() : undefined;
    return value === undefined ? undefined : [value];
  };
};
