import type { Json } from './asl.ts';
import type { MapRun } from './distributed-map/map-run.ts';

/**
 * Where a thread of an execution stands: what a redrive goes on from. The state it is in isn't finished, all before it is.
 */
export type Progress = {
  at: { name: string; input: Json } | undefined;
  /** The variables of its own scope. */
  own: Map<string, Json>;
  /** What stands of the branches or iterations of the state it is in. */
  branches: BranchProgress[] | undefined;
  /** The iterations' inputs, of an inline map. */
  inputs: Json[] | undefined;
  /** The run of the distributed map it is in. */
  mapRun: MapRun | undefined;
};

export type BranchProgress = { progress: Progress; output: { value: Json } | undefined };

export const noProgress = (): Progress => ({
  at: undefined,
  own: new Map(),
  branches: undefined,
  inputs: undefined,
  mapRun: undefined,
});

/** The thread enters a state, of which nothing is done yet. */
export const enter = (progress: Progress, name: string, input: Json) => {
  progress.at = { name, input };
  forgetInner(progress);
};

export const forgetInner = (progress: Progress) => {
  progress.branches = undefined;
  progress.inputs = undefined;
  progress.mapRun = undefined;
};
