import * as z from 'zod';
import { inspect } from '../lib/database/inspect.ts';
import { session } from '../lib/database/session.ts';
import { explain, type Reading } from '../lib/fleet/drift/explain.ts';
import { findings, readableIn } from '../lib/fleet/drift/findings.ts';
import type { DriftReport } from '../lib/fleet/drift/report.ts';
import { allSeen, BrokenLook, type Seen, SeenCluster } from '../lib/fleet/drift/seen.ts';
import { baseOf, DriftState, driftStateKey } from '../lib/fleet/drift/state.ts';
import { leftByRuns } from '../lib/ledger/expected.ts';
import { leaseOwner } from '../lib/ledger/lease.ts';
import { mapResults, runKey } from '../lib/ledger/objects.ts';
import { ledger } from './ledger.ts';
import { inTime, keepSchema, keptSchema, readSchema } from './read-schema.ts';
import { remembered } from './remembered.ts';
import { bucket, rdsData, variable } from './services.ts';
import { task, type World } from './task.ts';
import { vouchedFor } from './vouched.ts';

/** Says what deviates in the fleet, how and since when, and writes that down. It speaks to databases, and to nobody else. */
export const handler = task({
  name: 'FindDrift',
  input: z.strictObject({ run: z.object({ run: z.string() }), startedAt: z.string(), results: z.string() }),

  async run({ run: { run: check }, startedAt, results }, { now: clock, remaining, log }) {
    const clusters = z.array(z.union([SeenCluster, BrokenLook])).parse(await mapResults(bucket(), results));
    const fleet = allSeen(clusters);
    const [before, left, atWork] = await Promise.all([
      remembered(driftStateKey, DriftState),
      leftByRuns(ledger()),
      leaseOwner(ledger()),
    ]);
    const now = clock().toISOString();
    const vouched = await vouchedFor(readableIn(fleet), baseOf(left, before), now);
    const known = { left, state: before, atWork: atWork !== null, vouched };
    const { findings: bare, state } = findings(fleet, known, { check, now });
    const data = session(rdsData());
    const explained = await explain(bare, reading(fleet, data, remaining));
    for (const [fingerprint, schema] of explained.schemas) await keepSchema(fingerprint, schema, log);
    const deviating = new Set(bare.flatMap(({ databases }) => databases.map(({ database }) => database)));
    const found: DriftReport = {
      ...{ check, service: variable('SERVICE'), environment: variable('ENVIRONMENT'), startedAt, endedAt: now },
      ...{ failure: null, atWork, findings: explained.findings },
      ...{ databases: fleet.length, alike: fleet.length - deviating.size },
      problems: [...(await discoveryProblems(check)), ...clusters.flatMap(unfit)],
      dataApiCalls: fleet.reduce((sum, { dataApiCalls }) => sum + dataApiCalls, data.calls()),
    };
    await bucket().write(runKey(check, 'report'), found);
    await bucket().write(driftStateKey, state);
    const { databases, alike } = found;
    return { databases, alike, findings: found.findings.length, ...state.news };
  },
});

const reading = (fleet: Seen[], data: ReturnType<typeof session>, remaining: World['remaining']): Reading => {
  const places = new Map(fleet.map((it) => [it.name, it]));
  const placeOf = (name: string): Seen => {
    const place = places.get(name);
    if (!place) throw new Error(`${name} is no database of the fleet`);
    return place;
  };
  return {
    kept: keptSchema,
    schema: (name) => readSchema(data, placeOf(name), remaining),
    migrations: (name) =>
      inTime(remaining, async (patience) => {
        const { history } = await inspect(data, placeOf(name), patience);
        return history.filter(({ state }) => state === 'applied').map(({ migration }) => migration);
      }),
  };
};

const discoveryProblems = async (check: string): Promise<string[]> => {
  const { problems } = z
    .object({ problems: z.array(z.string()) })
    .parse(await bucket().json(runKey(check, 'discovery')));
  return problems;
};

const unfit = ({ cluster, problems }: SeenCluster): string[] => problems.map((it) => `${cluster}: ${it}`);
