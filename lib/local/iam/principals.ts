import { UnsupportedPolicy } from './unsupported-policy.ts';

/** Somebody who may be named by a policy: a role by its ARN and account, or a service by its name. */
export type Caller = { roleArn: string; sessionArn: string; account: string } | { service: string };

/**
 * Whether a policy's Principal means the caller: by name, or only as one of the account. The account's name in an Allow
 * leaves it to the account's own policies; in a Deny it means everybody there.
 */
export type Principals = (caller: Caller) => 'named' | 'account' | undefined;

export const compilePrincipals = (element: unknown): Principals => {
  if (element === '*') return () => 'named';
  if (typeof element !== 'object' || element === null)
    throw new UnsupportedPolicy({ problem: `"${element}" is no Principal.` });
  const { AWS = [], Service = [], ...others } = element as Record<string, unknown>;
  // Nobody here signs in by federation, so such principals mean nobody.
  const unknown = Object.keys(others).find((it) => it !== 'Federated' && it !== 'CanonicalUser');
  if (unknown) throw new UnsupportedPolicy({ problem: `the local cloud doesn't know principals of type ${unknown}.` });
  const names = [AWS].flat().map(String);
  const services = [Service].flat().map(String);
  return (caller) => {
    if ('service' in caller) return services.includes(caller.service) ? 'named' : undefined;
    if (names.some((it) => it === '*' || it === caller.roleArn || it === caller.sessionArn)) return 'named';
    const isAccount = (it: string) => it === caller.account || it.endsWith(`:iam::${caller.account}:root`);
    return names.some(isAccount) ? 'account' : undefined;
  };
};
