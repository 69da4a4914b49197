import * as z from 'zod';
import { objects } from '../lib/database/objects.ts';
import { type Session, session } from '../lib/database/session.ts';
import { whyUnreadable } from '../lib/database/unreadable.ts';
import { ended, FingerprintsDiffer } from '../lib/fleet/converge.ts';
import { type Differences, differences } from '../lib/fleet/differences.ts';
import { Cluster, Run } from '../lib/fleet/fleet.ts';
import { Plan } from '../lib/fleet/plan.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { verdicts } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';
import { bucket, once, rdsData } from './services.ts';
import { task, type World } from './task.ts';

/** All databases of the fleet must show one fingerprint. Where they don't, it finds out how they differ. */
export const handler = task({
  name: 'Converge',
  input: z.strictObject({ run: Run }),

  async run({ run: { run } }, { remaining, log }) {
    const plan = Plan.parse(await bucket().json(runKey(run, 'plan')));
    const fleet = ended(plan, await verdicts(ledger(), run));
    if (fleet.groups.length < 2 && fleet.unfinished.length === 0) {
      return { fingerprint: fleet.groups[0]?.fingerprint ?? null };
    }
    const data = session(rdsData());
    const found = await differences(fleet, reader(data, run, remaining));
    const told = { ...found, dataApiCalls: data.calls() };
    await keep(run, told, log);
    throw new FingerprintsDiffer(told);
  },
});

/** Reads the schema of a database, in the time that is left. */
const reader = (data: Session, run: string, remaining: () => number) => {
  const addresses = once(() => addressesOf(run));
  return async (name: string) => {
    try {
      const [cluster = '', database = ''] = name.split('/');
      const where = (await addresses()).get(cluster);
      if (where === undefined) throw new Error("the run's fleet has no such cluster");
      const patience = () => Math.min(remaining() - RESERVE, PATIENCE);
      return await within(remaining() - RESERVE, () => objects(data, { ...where, database }, { remaining: patience }));
    } catch (error) {
      throw new Error(whyUnreadable(error) ?? (error as Error).message, { cause: error });
    }
  };
};

/** Milliseconds that are kept to write down what was found. */
const RESERVE = 15_000;
/** A paused cluster is back by then, and another database of the group has its turn if it is not. */
const PATIENCE = 50_000;

const addressesOf = async (run: string) => {
  const address = Cluster.pick({ cluster: true, clusterArn: true, secretArn: true }).strip();
  const written = await bucket()
    .json(runKey(run, 'fleet'))
    .catch((cause: Error) => {
      throw new Error(`its address can't be looked up: ${cause.message}`, { cause });
    });
  const fleet = z.array(address).parse(written);
  return new Map(fleet.map(({ cluster, ...where }) => [cluster, where]));
};

const within = async <Result>(milliseconds: number, work: () => Promise<Result>): Promise<Result> => {
  const late = new Error("can't be read in the time that is left");
  if (milliseconds <= 0) throw late;
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(reject, milliseconds, late);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** For the report. That they differ stands whether or not that can be written down. */
const keep = async (run: string, found: Differences, log: World['log']): Promise<void> => {
  try {
    await bucket().write(runKey(run, 'differences'), found);
  } catch (error) {
    log.warn('the differences could not be written down', { error: error as Error });
  }
};
