import { arnOf, type Context, isPast } from './context.ts';

/** Brings what was begun and is over by the clock to its end: renamed is renamed, deleted is gone. */
export const settle = (context: Context) => {
  const { state, told } = context;
  if (context.clock.now().getTime() < context.settleAt) return;
  let changed = false;
  for (const cluster of state.clusters) {
    if (!cluster.renaming || !isPast(context, cluster.renaming.at)) continue;
    cluster.identifier = cluster.renaming.identifier;
    cluster.arn = arnOf(context, 'cluster', cluster.identifier);
    delete cluster.renaming;
    changed = true;
  }
  for (const list of [state.clusters, state.instances]) {
    for (const gone of list.filter(({ goneAt }) => goneAt && isPast(context, goneAt))) {
      (list as (typeof gone)[]).splice((list as (typeof gone)[]).indexOf(gone), 1);
      told.delete(gone.resourceId);
      changed = true;
    }
  }
  const due = [
    ...state.clusters.map(({ renaming }) => renaming?.at),
    ...[...state.clusters, ...state.instances].map(({ goneAt }) => goneAt),
  ];
  context.settleAt = Math.min(...due.flatMap((at) => (at ? [Date.parse(at)] : [])), Number.POSITIVE_INFINITY);
  // What can't be kept now, is settled again after a restart.
  if (changed) context.save().catch(() => undefined);
};
