import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Server, startServer as start } from '../postgres/server.ts';
import type { Place } from '../service.ts';
import type { ClusterRecord, State } from './state.ts';

/** AWS: 100, 40 and 40 per account and Region unless raised. */
export type Quotas = { manualClusterSnapshots: number; clusters: number; instances: number };

export type Context = {
  place: Place;
  clock: Clock;
  directory: string;
  startServer: typeof start;
  secrets: { value(secretIdOrArn: string): Promise<string | undefined> };
  state: State;
  save(): Promise<void>;
  /** Running servers by their cluster's resource id. */
  servers: Map<string, Server>;
  quotas: Quotas;
  /** How long a snapshot is `creating`. */
  snapshotMilliseconds: number;
  /** How long a cluster or an instance is `creating`, `renaming` or `deleting`. */
  changeMilliseconds: number;
  /** Snapshots that end as `failed`. */
  snapshotFails(identifier: string): boolean;
  /** Whether clusters keep their log, to be restored to a point in time. */
  keepsLogs: boolean;
  /** When which cluster's latest restorable time was told, by this clock and by the servers'. */
  told: Map<string, { at: number; real: number }[]>;
  /** When, in milliseconds of the clock, something may be over that `settle` has to bring to its end. */
  settleAt: number;
  /** Runs work on one thing after what was begun on it before. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T>;
};

/** The instant, by the cloud's clock, at which a change that begins now is over. */
export const later = (context: Context) => {
  const at = context.clock.now().getTime() + context.changeMilliseconds;
  context.settleAt = Math.min(context.settleAt, at);
  return new Date(at).toISOString();
};

export const isPast = ({ clock }: Context, instant: string) => Date.parse(instant) <= clock.now().getTime();

export const arnOf = ({ place }: Context, kind: 'cluster' | 'cluster-snapshot' | 'db', identifier: string) =>
  `arn:${place.partition}:rds:${place.region}:${place.account}:${kind}:${identifier}`;

export const clusterFolder = ({ directory }: Context, { folder }: ClusterRecord) => join(directory, 'clusters', folder);

/** The folder that holds a snapshot's data; `startServer` runs on a copy of it. */
export const snapshotFolder = (directory: string, snapshot: string) => join(directory, 'snapshots', snapshot);

/** Instances of a cluster that are not on their way out. */
export const instancesOf = ({ state }: Context, { resourceId }: ClusterRecord) =>
  state.instances.filter(({ cluster, goneAt }) => cluster === resourceId && !goneAt);
