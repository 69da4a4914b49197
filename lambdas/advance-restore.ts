import * as z from 'zod';
import { session } from '../lib/database/session.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { RestoreFailed } from '../lib/fleet/restore/failures.ts';
import { make, type Stage } from '../lib/fleet/restore/make.ts';
import { RestoreItem, RestoreOrder } from '../lib/fleet/restore/plan.ts';
import { swap } from '../lib/fleet/restore/swap.ts';
import { verify } from '../lib/fleet/restore/verify.ts';
import { clip, messageIn } from '../lib/fleet/texts.ts';
import { keepLease } from '../lib/ledger/keep-lease.ts';
import { recordProtection } from '../lib/ledger/protections.ts';
import { type Restored, recordRestored, restoredOf } from '../lib/ledger/restores.ts';
import { isRunning } from './executions.ts';
import { ledger } from './ledger.ts';
import { rds, rdsData, variable } from './services.ts';
import { task, type World } from './task.ts';

const Input = z.object({
  run: Run,
  order: RestoreOrder,
  phase: z.enum(['restore', 'swap', 'failed']),
  cluster: RestoreItem,
  /** When this cluster's turn in this phase began. */
  since: z.string(),
  /** Number of databases whose schema has been compared. */
  verified: z.number().default(0),
  error: z.object({ Error: z.string(), Cause: z.string().optional() }).optional(),
});

type Input = z.infer<typeof Input>;

/** Takes a cluster one step further; the state machine waits in between. */
export const handler = task({
  name: 'AdvanceRestore',
  input: Input,

  async run(input, world) {
    const { run, phase, cluster: item } = input;
    if (phase === 'failed') return fail(input);
    await keepLease(ledger(), run, world.now(), isRunning);
    if (world.now().getTime() - Date.parse(input.since) > PATIENCE[phase]) {
      const reason = `it took longer than ${PATIENCE[phase] / 3_600_000} hours. What was made stands`;
      throw new RestoreFailed({ cluster: item.cluster, reason });
    }
    return phase === 'restore' ? restore(input, world) : exchange(input, world);
  },
});

/** Large volumes take hours to be restored; names are changed in minutes. */
const PATIENCE = { restore: 24 * 3_600_000, swap: 2 * 3_600_000 };

const restore = async (input: Input, world: World) => {
  const { cluster: item, order } = input;
  const owner = { service: variable('SERVICE'), environment: variable('ENVIRONMENT') };
  const stage = await make(rds(), item, { ...owner, execution: order.execution });
  if (!stage.done) return told(input, stage, 'working');
  return compare(input, stage, world, 'restored');
};

const exchange = async (input: Input, world: World) => {
  const made = await restoredOf(ledger(), input.run.run, input.cluster.cluster);
  if (!made?.resourceId) {
    throw new RestoreFailed({ cluster: input.cluster.cluster, reason: 'the new cluster is not known' });
  }
  // Before the first renaming: whatever breaks from here on, what was attested does not stand any more.
  if (!made.exchanging) await recordRestored(ledger(), input.run.run, { ...made, exchanging: true });
  const stage = await swap(rds(), input.cluster, made.resourceId, (resourceId) =>
    recordProtection(ledger(), { resourceId, restore: input.run.run }),
  );
  if (!stage.done) return told(input, stage, 'working');
  return compare(input, stage, world, 'swapped');
};

const compare = async (input: Input, stage: Stage, world: World, done: 'restored' | 'swapped') => {
  const { cluster: item, verified: before } = input;
  const clusterArn = stage.found?.DBClusterArn ?? '';
  const remaining = world.remaining;
  const verified = await verify(session(rdsData()), item, { clusterArn, verified: before, remaining });
  const all = item.databases.length;
  if (verified === all)
    return told(input, { ...stage, note: `the schemas of ${all} databases are those of before` }, done);
  const note = `the schemas of ${verified} of ${all} databases are compared`;
  return { ...(await told(input, { ...stage, done: false, seconds: 10, note }, 'working')), verified };
};

const told = async ({ run, phase, cluster: item }: Input, stage: Stage, state: Restored['state']) => {
  const { found } = stage;
  const swapped = state === 'swapped';
  await recordRestored(ledger(), run.run, {
    ...{ cluster: item.cluster, state, note: stage.note, failure: null },
    restored: swapped ? item.cluster : (found?.DBClusterIdentifier ?? item.restored),
    resourceId: found?.DbClusterResourceId ?? null,
    ...{ kept: swapped ? item.kept : null, exchanging: phase === 'swap' },
  });
  return { state: state === 'working' ? 'working' : 'done', seconds: stage.seconds, verified: 0 };
};

/** The last word on a cluster that a step broke on. */
const fail = async ({ run, cluster: { cluster }, error }: Input) => {
  const before = await restoredOf(ledger(), run.run, cluster);
  const failure = { error: error?.Error ?? 'unknown', cause: clip(messageIn(error?.Cause ?? ''), 4_000) };
  await recordRestored(ledger(), run.run, {
    ...{ cluster, restored: null, resourceId: null, kept: null, exchanging: false, ...before },
    ...{ state: 'failed', note: failure.cause, failure },
  });
  return { state: 'done', seconds: 0, verified: 0 };
};
