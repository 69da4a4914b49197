import { optional } from '../../lib/cli/follow-run.ts';
import type { Plan } from '../../lib/fleet/plan.ts';
import { objects, runKey } from '../../lib/ledger/objects.ts';
import { verdicts } from '../../lib/ledger/runs.ts';
import type { Place, Reached } from './on-state.ts';

/** Which migrations a database has by Lockstep's history, and by the rows that they have left. */
export type Standing = Place & { migrations: string; effects: string };

export const inspect = async ({ sql }: Reached, places: Place[]): Promise<Standing[]> => {
  const found: Standing[] = [];
  for (const place of places) {
    found.push({
      ...place,
      migrations: await sql(place, listed('migration', `lockstep.history WHERE state = 'applied'`)).catch(ifAbsent),
      effects: await sql(place, listed('migration', 'done')).catch(ifAbsent),
    });
  }
  return found;
};

const listed = (column: string, from: string) =>
  `SELECT coalesce(string_agg(${column}, ' ' ORDER BY ${column}), '${NOTHING}') FROM ${from}`;

const NOTHING = 'nothing';

/** No run has come as far as to make the table. */
const ifAbsent = (error: Error): string => {
  if (!error.message.includes('SQLState: 42P01')) throw error;
  return NOTHING;
};

/** Effects that are there more often than once. */
export const count = (standing: Standing[]): number =>
  standing.reduce((sum, { effects }) => sum + effects.split(' ').length - new Set(effects.split(' ')).size, 0);

/** Waves of these runs in which more databases failed than their budget allows. */
export const overspent = async ({ deployed: { clients, pipelines } }: Reached, runs: string[]): Promise<string[]> => {
  const [pipeline] = pipelines;
  const table = { client: clients.dynamodb, name: pipeline!.ledger };
  const told: string[] = [];
  for (const run of runs) {
    const plan = await optional<Plan>(objects(clients.s3, pipeline!.bucket).json(runKey(run, 'plan')));
    // Killed before it was made.
    if (plan === null) continue;
    const waveOf = new Map(plan.databases.map((it) => [`${it.cluster}/${it.database}`, it.wave]));
    const failed = (await verdicts(table, run)).filter(({ failure }) => failure !== null);
    for (const { wave, budget } of plan.rollout.waves) {
      const many = failed.filter((it) => waveOf.get(`${it.cluster}/${it.database}`) === wave).length;
      if (many > budget) told.push(`in wave ${wave} of run ${run} ${many} databases failed, and ${budget} may`);
    }
  }
  return told;
};
