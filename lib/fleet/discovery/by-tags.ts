import type { DBCluster } from '@aws-sdk/client-rds';
import { isBeside } from '../restore/names.ts';
import type { Claim } from './assemble.ts';
import { TAG, type TagSource } from './source.ts';

/** What the tags of clusters say: of those that carry all that belong to the fleet. */
export const byTags = ({ tags, databases }: TagSource, described: Iterable<DBCluster>): Claim[] =>
  [...described].flatMap(({ DBClusterIdentifier: cluster = '', TagList = [] }): Claim[] => {
    const own = new Map(TagList.map(({ Key = '', Value = '' }) => [Key, Value]));
    // What a restore has put beside a cluster carries that one's tags.
    if (isBeside(cluster, own.get('lockstep:cluster'))) return [];
    if (!Object.entries(tags).every(([key, value]) => own.get(key) === value)) return [];
    const named = own.get(TAG.databases);
    return [
      {
        from: `tags of ${cluster}`,
        cluster,
        secret: own.get(TAG.secret),
        labels: Object.fromEntries(
          [...own]
            .filter(([key]) => key.startsWith(TAG.label))
            .map(([key, value]) => [key.slice(TAG.label.length), value]),
        ),
        databases:
          named === undefined && databases === 'all'
            ? 'all'
            : (named ?? '')
                .split(/\s+/)
                .filter(Boolean)
                .map((name) => ({ name })),
      },
    ];
  });
