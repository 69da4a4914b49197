import * as z from 'zod';
import { ClusterIdentifier, DatabaseName, FleetDeclaration } from '../fleet.ts';
import { SecretName } from '../secret-name.ts';
import { Within } from './within.ts';

/** By RDS's rules for tags; `aws:` and `rds:` are AWS's own. */
const TagKey = z
  .string()
  .regex(
    /^(?!aws:|rds:)[\p{L}\p{N} _.:/=+@-]{1,128}$/u,
    'a tag has 1 to 128 letters, digits, blanks and _.:/=+@-, and does not begin with aws: or rds:',
  );

const TagValue = z
  .string()
  .regex(/^[\p{L}\p{N} _.:/=+@-]{0,256}$/u, 'at most 256 letters, digits, blanks and _.:/=+@-');

/** All clusters of the account and region that carry all of these tags. */
const ByTags = z.strictObject({
  source: z.literal('tags'),
  tags: z.record(TagKey, TagValue).refine((it) => Object.keys(it).length > 0, 'name at least one tag'),
  /** `tag`: those that the tag `lockstep:databases` names; `all`: without that tag, all that the cluster has. */
  databases: z.enum(['tag', 'all']),
  within: Within,
});

/** A registry: a DynamoDB table with an item for each database or cluster. Its name is told apart from this. */
const FromTable = z.strictObject({ source: z.literal('table'), within: Within });

/** A query on a control database. */
const FromQuery = z.strictObject({
  source: z.literal('query'),
  cluster: ClusterIdentifier,
  secret: SecretName,
  database: DatabaseName,
  sql: z
    .string()
    .max(10_000, 'at most 10,000 characters')
    .regex(/^\s*(SELECT|WITH|VALUES|TABLE)\b/i, 'a SELECT')
    .regex(/^[^;]*$/, 'one statement, without a semicolon'),
  within: Within,
});

/** Where a pipeline finds its fleet, as it is deployed: a list of clusters, or how to find them when a run begins. */
export const FleetSource = z.union([FleetDeclaration, z.discriminatedUnion('source', [ByTags, FromTable, FromQuery])]);

export type FleetSource = z.infer<typeof FleetSource>;

export type TagSource = z.infer<typeof ByTags>;
export type TableSource = z.infer<typeof FromTable>;
export type QuerySource = z.infer<typeof FromQuery>;

/** Tags of a cluster that say more of it than that it belongs to the fleet. */
export const TAG = { secret: 'lockstep:secret', databases: 'lockstep:databases', label: 'lockstep:label:' } as const;
