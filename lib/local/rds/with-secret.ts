import { randomString } from '../deploy/random-string.ts';
import type { Vault } from '../secrets-manager/vault.ts';
import type { ClusterOptions } from './clusters.ts';

/** A cluster whose secret is given by its name. */
export type ClusterWithSecret = Omit<ClusterOptions, 'secretArn'> & { secret: string };

/** Makes a cluster, and its secret with a random password unless there is one already. */
export const withSecret =
  (vault: Vault, databases: { createCluster(it: ClusterOptions): Promise<unknown> }) =>
  async ({ secret, ...cluster }: ClusterWithSecret): Promise<void> => {
    const value = () => JSON.stringify({ username: 'migrator', password: randomString({ ExcludePunctuation: true }) });
    const { arn } = vault.has(secret) ? vault.find(secret) : vault.create(secret, { string: value() });
    await databases.createCluster({ httpEndpointEnabled: true, ...cluster, secretArn: arn });
  };
