import { failure } from '../../failure.ts';
import { awsManagedPolicy } from '../iam/aws-managed-policies.ts';
import type { Statement } from '../iam/statement.ts';
import type { Place } from '../service.ts';

export type PolicyDocument = { Version?: string; Statement: Statement[] };
export type Role = {
  arn: string;
  name: string;
  /** Who may assume it. */
  trust: PolicyDocument;
  /** For how long at most; AWS's default is an hour. */
  maxSessionSeconds: number;
  /** Policies by name, resolved. */
  policies: Map<string, PolicyDocument>;
  /** ARNs of the managed policies it has besides, those of AWS among them. */
  managedPolicies: Set<string>;
  /** Of people, who have it in AWS already, and not of what was deployed. */
  ofPeople?: true;
};
export type Roles = ReturnType<typeof roles>;

export const UnknownRole = failure(
  'UnknownRole',
  ({ role }: { role: string }) => `There is no role ${role} in the local cloud.`,
);

/** The account's roles with all that they allow: kept whole, so that authorisation can be decided by them. */
export const roles = ({ partition, account }: Place) => {
  const byName = new Map<string, Role>();
  const managed = new Map<string, PolicyDocument>();
  const find = (nameOrArn: string) => {
    const found = byName.get(nameOrArn) ?? [...byName.values()].find(({ arn }) => arn === nameOrArn);
    if (found) return found;
    throw new UnknownRole({ role: nameOrArn });
  };
  return {
    find,
    has: (name: string) => byName.has(name),
    all: () => [...byName.values()],
    /** Makes the role, or makes it anew without the policies it had. */
    create(name: string, path: string, trust: PolicyDocument, maxSessionSeconds = 3600): Role {
      const arn = `arn:${partition}:iam::${account}:role${path}${name}`;
      const role: Role = { arn, name, trust, maxSessionSeconds, policies: new Map(), managedPolicies: new Set() };
      byName.set(name, role);
      return role;
    },
    /** Is it a managed policy whose statements are known here? */
    knowsManagedPolicy: (arn: string) => managed.has(arn) || awsManagedPolicy(arn) !== undefined,
    createManagedPolicy(name: string, path: string, document: PolicyDocument) {
      const arn = `arn:${partition}:iam::${account}:policy${path}${name}`;
      managed.set(arn, document);
      return arn;
    },
    /** All statements that speak for or against the role, those of managed policies included. */
    statements: (nameOrArn: string): Statement[] => {
      const { policies, managedPolicies } = find(nameOrArn);
      const known = [...managedPolicies].flatMap((arn) => managed.get(arn) ?? awsManagedPolicy(arn) ?? []);
      return [...policies.values(), ...known].flatMap(({ Statement }) => [Statement].flat());
    },
  };
};
