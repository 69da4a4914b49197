import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure } from '../../failure.ts';
import { type ClusterSettings, defaultSettings } from './settings.ts';

export type Tag = { Key: string; Value: string };

export type ClusterRecord = {
  identifier: string;
  arn: string;
  /** Stays the same when the cluster is renamed. */
  resourceId: string;
  /** The folder under `clusters` with its data: the name it was made under, which a renamed cluster no longer has. */
  folder: string;
  engineVersion: string;
  /** What DescribeDBClusters says instead of the truth, for a cluster that is to be unfit. */
  poses: { engine?: string | undefined; engineVersion?: string | undefined };
  masterUsername: string;
  secretArn: string;
  /** Whether the secret is one that RDS made and rotates. */
  managesSecret: boolean;
  databases: string[];
  httpEndpointEnabled: boolean;
  /** The ARN that the HTTP endpoint was enabled under: the Data API doesn't follow a renamed cluster. */
  httpEndpointArn: string;
  settings: ClusterSettings;
  createdAt: string;
  /** By the local cloud's clock; until then it is `creating`. */
  availableAt: string;
  /** Stopped by StopDBCluster. */
  stopped: boolean;
  /** Being renamed, until then. */
  renaming?: { identifier: string; at: string } | undefined;
  /** Being deleted, until then. */
  goneAt?: string | undefined;
  /** Since when its log is kept, which is how far back it can be restored to. */
  restorableSince?: string | undefined;
  /** The folder under `histories` with the data of then. */
  history?: string | undefined;
  cloneGroup?: string | undefined;
  tags: Tag[];
};

export type InstanceRecord = {
  identifier: string;
  arn: string;
  resourceId: string;
  /** The resource id of its cluster. */
  cluster: string;
  class: string;
  parameterGroup: string;
  promotionTier: number;
  createdAt: string;
  availableAt: string;
  goneAt?: string | undefined;
  tags: Tag[];
};

export type SnapshotRecord = {
  identifier: string;
  arn: string;
  /** The cluster as it was then. */
  cluster: ClusterRecord;
  createdAt: string;
  /** By the local cloud's clock; until then it is `creating`. */
  availableAt: string;
  /** Is `failed` then, not available. */
  fails?: boolean | undefined;
  tags: Tag[];
};

/** What the local RDS remembers over restarts, in `rds.json`. */
export type State = {
  format: 1;
  clusters: ClusterRecord[];
  instances: InstanceRecord[];
  snapshots: SnapshotRecord[];
};

/** The state kept in a folder, and how to keep a change of it. */
export const openState = (directory: string, isKept = true) => {
  const file = join(directory, 'rds.json');
  const state = read(file);
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  // One after another, and never half a file under the real name. Who comes while one is being written shares the next.
  const save = (): Promise<void> => {
    if (!isKept) return Promise.resolve();
    next ??= writing
      .catch(() => undefined)
      .then(async () => {
        next = undefined;
        await mkdir(dirname(file), { recursive: true });
        await writeFile(`${file}.partial`, `${JSON.stringify(state)}\n`);
        await rename(`${file}.partial`, file);
      });
    writing = next;
    return next;
  };
  return { state, save };
};

export const UnreadableState = failure(
  'UnreadableState',
  (it: { file: string; reason: string }) =>
    `${it.file} is not a state this version can read: ${it.reason}. Name another folder.`,
);

const read = (file: string): State => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { format: 1, clusters: [], instances: [], snapshots: [] };
    throw error;
  }
  try {
    const state = JSON.parse(text) as State;
    if (state.format !== 1) throw new Error(`its format is ${state.format}`);
    return {
      format: 1,
      clusters: state.clusters.map(whole),
      instances: state.instances ?? [],
      snapshots: state.snapshots.map((snapshot) => ({ ...snapshot, cluster: whole(snapshot.cluster) })),
    };
  } catch (cause) {
    throw new UnreadableState({ file, reason: (cause as Error).message }, { cause });
  }
};

/** Clusters kept by an earlier version have fewer members. */
const whole = (record: ClusterRecord): ClusterRecord => ({
  ...{ folder: record.identifier, poses: {}, managesSecret: false, httpEndpointArn: record.arn, stopped: false },
  ...{ settings: defaultSettings(), availableAt: record.createdAt },
  // Logs kept since a backup of the cluster's own.
  ...(record.restorableSince !== undefined && { history: record.folder }),
  ...record,
});
