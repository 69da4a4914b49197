import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { FleetSource, QuerySource, TableSource, TagSource } from '../fleet/discovery/source.ts';
import type { Within } from '../fleet/discovery/within.ts';
import type { FleetDeclaration } from '../fleet/fleet.ts';

/** A fleet that is found when a run begins. */
export type FoundFleet =
  | { source: TagSource | QuerySource; table?: undefined }
  | { source: TableSource; table: ITable };

/** The clusters of a pipeline and what is in them: a list, or one of the ways to find them that `Fleet` makes. */
export type Fleet = FleetDeclaration | FoundFleet;

type Bounds = {
  /**
   * Names of what the pipeline's roles may reach, with `*` for any: the clusters, and the secrets to log in with. What
   * is found outside of them is refused.
   */
  within: Within;
};

export const Fleet = {
  /**
   * The clusters that carry all of these tags when a run begins. More tags of a cluster say the rest: `lockstep:secret`
   * names its secret (else it is the one that RDS manages for its master user), `lockstep:databases` its databases with
   * blanks between them, and `lockstep:label:tier` gives it the label `tier`.
   */
  byTags: (
    it: Bounds & {
      tags: Record<string, string>;
      /** `all`: where there is no tag `lockstep:databases`, the cluster is asked what it has. @default 'tag' */
      databases?: 'tag' | 'all';
    },
  ): FoundFleet => ({
    source: { source: 'tags', ...it, databases: it.databases ?? 'tag' },
  }),

  /**
   * What a DynamoDB table holds when a run begins: items with `cluster`, `database` (or `databases`, a set or list),
   * `secret` (else the one that RDS manages) and `labels` (a map); other attributes don't matter. Labels of an item with
   * `databases` are the cluster's, of one with `database` the database's.
   */
  fromTable: (table: ITable, it: Bounds): FoundFleet => ({ source: { source: 'table', ...it }, table }),

  /**
   * What a query on a control database answers when a run begins: columns `cluster` and `database`, and, where it has
   * them, `secret` (else, or NULL, the one that RDS manages) and `labels` (JSON). It runs in a read-only transaction.
   */
  fromQuery: (
    it: Bounds & {
      /** Where the query is sent: a cluster in the stack's account and region, with the Data API enabled. */
      cluster: string;
      secret: string;
      database: string;
      sql: string;
    },
  ): FoundFleet => ({ source: { source: 'query', ...it } }),
};

/** What is deployed of it. */
export const sourceOf = (fleet: Fleet): FleetSource => (Array.isArray(fleet) ? fleet : fleet.source);

/** The table of a registry. */
export const tableOf = (fleet: Fleet): ITable | undefined => (Array.isArray(fleet) ? undefined : fleet.table);
