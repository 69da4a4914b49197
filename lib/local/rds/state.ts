import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure } from '../../failure.ts';

export type Tag = { Key: string; Value: string };

export type ClusterRecord = {
  identifier: string;
  arn: string;
  resourceId: string;
  engineVersion: string;
  masterUsername: string;
  secretArn: string;
  databases: string[];
  httpEndpointEnabled: boolean;
  createdAt: string;
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
  tags: Tag[];
};

/** What the local RDS remembers over restarts, in `rds.json`. */
export type State = { format: 1; clusters: ClusterRecord[]; snapshots: SnapshotRecord[] };

/** The state kept in a folder, and how to keep a change of it. */
export const openState = (directory: string) => {
  const file = join(directory, 'rds.json');
  const state = read(file);
  let saving: Promise<void> = Promise.resolve();
  const save = () => {
    const text = `${JSON.stringify(state, null, 2)}\n`;
    // One after another, and never half a file under the real name.
    const saved = saving.then(async () => {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(`${file}.partial`, text);
      await rename(`${file}.partial`, file);
    });
    saving = saved.catch(() => undefined);
    return saved;
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
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { format: 1, clusters: [], snapshots: [] };
    throw error;
  }
  try {
    const state = JSON.parse(text) as State;
    if (state.format !== 1) throw new Error(`its format is ${state.format}`);
    return state;
  } catch (cause) {
    throw new UnreadableState({ file, reason: (cause as Error).message }, { cause });
  }
};
