import type { LocalCloud } from '../local/cloud.ts';
import type { Person } from '../policy/approval-policy.ts';
import type { Deployed } from './local-cloud.ts';
import { policyOf } from './local-slack.ts';

/** An approver, and the variables by which a command line is that one's. */
export type LocalApprover = { name: string; arn: string; environment: Record<string, string> };

/** Somebody's credentials, as clients take them. */
export type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/**
 * Makes an identity for each approver whom the policies know by one of this machine's account, so that one can play all
 * of them. They may do everything, as the account's owner: a policy of Lockstep's tells what they count for.
 */
export const localApprovers = async ({
  cloud,
  clients,
  pipelines,
}: Pick<Deployed, 'cloud' | 'clients' | 'pipelines'>): Promise<LocalApprover[]> => {
  const policies = await Promise.all(pipelines.map((pipeline) => policyOf(clients.s3, pipeline)));
  const found = new Map<string, LocalApprover>();
  for (const person of policies.flatMap((policy) => policy?.people ?? [])) {
    const arn = arnOf(cloud, person);
    if (arn === undefined || found.has(arn)) continue;
    const { accessKeyId, secretAccessKey, sessionToken = '' } = keysOf(cloud, arn, '*');
    const environment = {
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      // Empty, it ends the session of whoever was played before.
      AWS_SESSION_TOKEN: sessionToken,
    };
    found.set(arn, { name: person.name, arn, environment });
  }
  return [...found.values()];
};

/** Of this account, and not one that the app itself has made: that one has a policy of its own. */
export const arnOf = ({ place, roles }: Pick<LocalCloud, 'place' | 'roles'>, { iam = [] }: Person) =>
  iam.find((arn) => {
    const [, , , , account, resource = ''] = arn.split(':');
    const [kind, ...names] = resource.split('/');
    const role = kind === 'role' ? names.at(-1)! : names[0]!;
    const isTheApps = kind !== 'user' && roles.has(role) && !roles.find(role).ofPeople;
    return account === place.account && !isTheApps;
  });

/** Makes the user or the role, and gives credentials by which AWS would call their holder by that ARN. */
export const keysOf = (
  cloud: Pick<LocalCloud, 'createUser' | 'createRole'>,
  arn: string,
  action: '*' | 'execute-api:Invoke',
): Keys => {
  const statements = [{ Effect: 'Allow' as const, Action: action, Resource: '*' }];
  const [kind, ...names] = arn.split(':').at(-1)!.split('/');
  const path = names.length > 1 ? `/${names.slice(0, -1).join('/')}/` : '/';
  const name = names.at(-1)!;
  if (kind === 'user') return cloud.createUser({ name, path, statements }).accessKey;
  return kind === 'role'
    ? cloud.createRole({ name, path, statements }).session('local')
    : cloud.createRole({ name: names[0]!, statements }).session(name);
};
