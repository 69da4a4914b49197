import { createHash } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-rds';

/** Whose a restore point is. */
export type Owner = { service: string; environment: string };

/** What a restore point is taken for, and by whom. */
export type Order = Owner & {
  cluster: string;
  clusterArn: string;
  /** The run's execution: a name alone may be given again. */
  execution: string;
  run: string;
  /** Seconds until it may be deleted. */
  keepFor: number;
  now: Date;
};

/** Tags that say whose it is, what for, and until when it is kept: what has not got them all is never deleted. */
export const tagsOf = ({ service, environment, cluster, execution, keepFor, now }: Order): Tag[] =>
  Object.entries({
    [SERVICE]: service,
    [ENVIRONMENT]: environment,
    [CLUSTER]: cluster,
    [RUN]: execution,
    [KEEP_UNTIL]: new Date(now.getTime() + keepFor * 1000).toISOString(),
  }).map(([Key, Value]) => ({ Key, Value }));

/** The run that took it, by its tag. */
export const runOf = (tags: Tag[] | undefined): string | undefined => tagOf(tags, RUN);

/**
 * Which of a cluster's restore points may go: those of this service and environment whose time is over. The newest of
 * all of them stays, however old it is: without it there would be nothing to go back to until the next one is there.
 */
export const outlived = <Found extends Standing>(
  found: Found[],
  { service, environment, cluster, now }: Owner & { cluster: string; now: Date },
): Found[] => {
  const ours = found
    .filter(({ tags }) => tagOf(tags, SERVICE) === service && tagOf(tags, ENVIRONMENT) === environment)
    .filter(({ tags }) => tagOf(tags, CLUSTER) === cluster && runOf(tags) !== undefined)
    .filter(({ status }) => status === 'available')
    .toSorted((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0));
  return ours.slice(1).filter(({ tags }) => Date.parse(tagOf(tags, KEEP_UNTIL) ?? '') <= now.getTime());
};

/** A snapshot or a clone that stands there. */
export type Standing = { name: string; tags: Tag[] | undefined; status: string | undefined; at: Date | undefined };

/** At most 63 characters, lower case, no double hyphen (RDS); the hash tells runs apart where the cluster's name is cut. */
export const restorePointIdentifier = (cluster: string, execution: string): string => {
  const hash = createHash('sha256').update(`${cluster} ${execution}`).digest('hex').slice(0, 12);
  return `lockstep-${cluster.slice(0, 40).replace(/-+$/, '')}-${hash}`;
};

const SERVICE = 'lockstep:service';
const ENVIRONMENT = 'lockstep:environment';
const CLUSTER = 'lockstep:cluster';
const RUN = 'lockstep:run';
const KEEP_UNTIL = 'lockstep:keep-until';

const tagOf = (tags: Tag[] | undefined, key: string): string | undefined => tags?.find(({ Key }) => Key === key)?.Value;
