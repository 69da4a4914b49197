import * as z from 'zod';
import type { ReadSchema, SchemaObject } from '../lib/database/objects.ts';
import { type Session, session } from '../lib/database/session.ts';
import { type Ended, ended, FingerprintsDiffer } from '../lib/fleet/converge.ts';
import { type Differences, differences } from '../lib/fleet/differences.ts';
import { Cluster, Run } from '../lib/fleet/fleet.ts';
import { Plan } from '../lib/fleet/plan.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { type Verdict, verdicts } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';
import { keepSchema, keptSchema, readSchema } from './read-schema.ts';
import { remembered } from './remembered.ts';
import { bucket, once, rdsData } from './services.ts';
import { task, type World } from './task.ts';

/**
 * All databases of the fleet must show one fingerprint or, where a run was taken back, what each had shown before it.
 * Otherwise it finds out how they differ.
 */
export const handler = task({
  name: 'Converge',
  input: z.strictObject({ run: Run }),

  async run({ run: { run, revert } }, { remaining, log }) {
    const plan = Plan.parse(await bucket().json(runKey(run, 'plan')));
    const said = await verdicts(ledger(), run);
    const fleet = ended(plan, said);
    const data = session(rdsData());
    const read = reader(data, run, remaining);
    const schemas = new Map<string, SchemaObject[]>();
    if (fleet.groups.length < 2 && fleet.unfinished.length === 0) {
      await keepOne(fleet, read, log);
      return { fingerprint: fleet.groups[0]?.fingerprint ?? null, dataApiCalls: data.calls() };
    }
    if (revert !== null && fleet.unfinished.length === 0 && (await isAsBefore(revert, said)))
      return { fingerprint: null, dataApiCalls: 0 };
    const found = await differences(fleet, async (name) => {
      const { fingerprint, objects } = await read(name);
      if (fingerprint !== null) schemas.set(fingerprint, objects);
      const group = fleet.groups.find(({ databases }) => databases.includes(name));
      if (group?.fingerprint !== fingerprint) throw new Error('it has changed since it was looked at');
      return objects;
    });
    for (const [fingerprint, schema] of schemas) await keepSchema(fingerprint, schema, log);
    const told = { ...found, dataApiCalls: data.calls() };
    await keep(run, told, log);
    throw new FingerprintsDiffer(told);
  },
});

/** Whether all that was taken back is as it was before that run, which may have found databases unlike each other. */
const isAsBefore = async (reverted: string, verdicts: Verdict[]): Promise<boolean> => {
  const before = await remembered(runKey(reverted, 'plan'), Before);
  if (before === null) return false;
  const was = new Map(before.databases.map((it) => [`${it.cluster}/${it.database}`, it.fingerprint]));
  return verdicts.every(
    ({ verdict, cluster, database, fingerprint }) =>
      verdict !== 'reverted' || (fingerprint !== null && was.get(`${cluster}/${database}`) === fingerprint),
  );
};

/** Of a plan, which an earlier version may have written. */
const Before = z.object({
  databases: z.array(z.object({ cluster: z.string(), database: z.string(), fingerprint: z.string() })),
});

/** What the fleet looks like from now on is kept, if it isn't yet: a run is what it is whether or not that succeeds. */
const keepOne = async ({ groups: [all] }: Ended, read: ReturnType<typeof reader>, log: World['log']): Promise<void> => {
  const [name] = all?.databases ?? [];
  if (!all || !name) return;
  try {
    if ((await keptSchema(all.fingerprint)) !== null) return;
    const { fingerprint, objects } = await read(name);
    if (fingerprint !== all.fingerprint) throw new Error(`${name} has changed since it was looked at`);
    await keepSchema(fingerprint, objects, log);
  } catch (error) {
    log.warn('the schema could not be kept', { error: error as Error });
  }
};

/** Reads the schema of a database by its name. */
const reader = (data: Session, run: string, remaining: () => number) => {
  const addresses = once(() => addressesOf(run));
  return async (name: string): Promise<ReadSchema> => {
    const [cluster = '', database = ''] = name.split('/');
    const where = (await addresses()).get(cluster);
    if (where === undefined) throw new Error("the run's fleet has no such cluster");
    return readSchema(data, { ...where, database }, remaining);
  };
};

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

/** For the report. That they differ stands whether or not that can be written down. */
const keep = async (run: string, found: Differences, log: World['log']): Promise<void> => {
  try {
    await bucket().write(runKey(run, 'differences'), found);
  } catch (error) {
    log.warn('the differences could not be written down', { error: error as Error });
  }
};
