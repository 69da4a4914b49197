import type { Clock } from '../clock.ts';
import type { Roles } from '../deploy/roles.ts';
import type { Place } from '../service.ts';
import type { AccessKey, Credentials, Keys } from '../sts/credentials.ts';
import { compile, type Statement } from './statement.ts';
import type { Users } from './users.ts';

export type NewRole = {
  name: string;
  /** @default / */
  path?: string;
  /** ARNs of users, roles or the account that may assume it. @default the account: whoever has a policy that lets them */
  trusts?: string[];
  /** What its sessions may do. @default nothing */
  statements?: Statement[];
};
export type NewUser = { name: string; path?: string; statements?: Statement[] };

/** People's identities, which a user of AWS has already and no template makes. */
export type Identities = {
  /** Makes the role, or makes it anew. `session` gives what AssumeRole would have given: credentials for one hour. */
  createRole(it: NewRole): { arn: string; session(name: string): Credentials };
  /** Makes the user, or makes it anew, with a new access key. */
  createUser(it: NewUser): { arn: string; accessKey: AccessKey };
};

export const identities = (it: { place: Place; clock: Clock; roles: Roles; users: Users; keys: Keys }): Identities => ({
  createRole({ name, path = '/', trusts, statements = [] }) {
    const { partition, account } = it.place;
    const AWS = trusts ?? [`arn:${partition}:iam::${account}:root`];
    const trust: Statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS } };
    compile(trust, 'trust');
    for (const statement of statements) compile(statement);
    const role = it.roles.create(name, path, { Statement: [trust] });
    role.policies.set('own', { Statement: statements });
    role.ofPeople = true;
    const hour = () => new Date(it.clock.now().getTime() + 3_600_000);
    return { arn: role.arn, session: (session) => it.keys.temporary(role.arn, session, hour()) };
  },
  createUser({ name, path = '/', statements = [] }) {
    const { arn } = it.users.create(name, path, statements);
    return { arn, accessKey: it.keys.accessKey(arn) };
  },
});
