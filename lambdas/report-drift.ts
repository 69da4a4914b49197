import * as z from 'zod';
import { driftFailedMail, driftMail } from '../lib/approval/drift-mail.ts';
import { inspect } from '../lib/database/inspect.ts';
import { session } from '../lib/database/session.ts';
import { explain, type Reading } from '../lib/fleet/drift/explain.ts';
import { findings } from '../lib/fleet/drift/findings.ts';
import { news } from '../lib/fleet/drift/news.ts';
import type { DriftReport } from '../lib/fleet/drift/report.ts';
import { allSeen, BrokenLook, type Seen, SeenCluster } from '../lib/fleet/drift/seen.ts';
import { DriftState, driftStateKey } from '../lib/fleet/drift/state.ts';
import { leftByRuns } from '../lib/ledger/expected.ts';
import { leaseOwner } from '../lib/ledger/lease.ts';
import { isMissing, mapResults, runKey } from '../lib/ledger/objects.ts';
import { ledger } from './ledger.ts';
import { mailEverybody, policy, post } from './people.ts';
import { inTime, keepSchema, keptSchema, readSchema } from './read-schema.ts';
import { bucket, rdsData, variable } from './services.ts';
import { task, type World } from './task.ts';

/** Says what deviates in the fleet, how and since when; writes that down, and tells people what is new of it. */
export const handler = task({
  name: 'ReportDrift',
  input: z.strictObject({
    run: z.object({ run: z.string() }),
    startedAt: z.string(),
    /** Where the map's results lie; null where the fleet could not be looked at. */
    results: z.string().nullable(),
    failure: z.object({ Error: z.string(), Cause: z.string().optional() }).nullable(),
  }),

  async run({ run: { run: check }, startedAt, results, failure }, world) {
    const head = { check, service: variable('SERVICE'), environment: variable('ENVIRONMENT'), startedAt };
    try {
      return results === null ? await reportFailure(head, failure, world) : await report(head, results, world);
    } catch (error) {
      const { name, message } = error as Error;
      await tell(driftFailedMail(head, { error: name, cause: message }), world.log);
      throw error;
    }
  },
});

type Head = Pick<DriftReport, 'check' | 'service' | 'environment' | 'startedAt'>;

const reportFailure = async (
  head: Head,
  failure: { Error: string; Cause?: string | undefined } | null,
  world: World,
) => {
  const told = { error: failure?.Error ?? 'unknown', cause: failure?.Cause ?? '' };
  const nothing = { databases: 0, alike: 0, findings: [], problems: [], dataApiCalls: 0, atWork: null };
  await write({ ...head, ...nothing, endedAt: world.now().toISOString(), failure: told });
  await tell(driftFailedMail(head, told), world.log);
  return { failure: told };
};

const report = async (head: Head, results: string, world: World) => {
  const { check } = head;
  const clusters = z.array(z.union([SeenCluster, BrokenLook])).parse(await mapResults(bucket(), results));
  const fleet = allSeen(clusters);
  const [before, left, atWork] = await Promise.all([stateBefore(), leftByRuns(ledger()), leaseOwner(ledger())]);
  const now = world.now().toISOString();
  const known = { left, state: before, atWork: atWork !== null };
  const { findings: bare, state } = findings(fleet, known, { check, now });
  const data = session(rdsData());
  const explained = await explain(bare, reading(fleet, data, world));
  for (const [fingerprint, schema] of explained.schemas) await keepSchema(fingerprint, schema, world.log);
  const deviating = new Set(bare.flatMap(({ databases }) => databases.map(({ database }) => database)));
  const found: DriftReport = {
    ...{ ...head, endedAt: now, failure: null, atWork, findings: explained.findings },
    ...{ databases: fleet.length, alike: fleet.length - deviating.size },
    problems: [...(await discoveryProblems(check)), ...clusters.flatMap(unfit)],
    dataApiCalls: fleet.reduce((sum, { dataApiCalls }) => sum + dataApiCalls, data.calls()),
  };
  await write(found);
  await bucket().write(driftStateKey, state);
  const told = news(before, state);
  if (told.fresh + told.gone > 0) await tell(driftMail(found, told), world.log);
  return { failure: null, databases: found.databases, alike: found.alike, findings: found.findings.length };
};

const write = (report: DriftReport) => bucket().write(runKey(report.check, 'report'), report);

/** Null before the first check, and where what an earlier version wrote can't be read. */
const stateBefore = async (): Promise<DriftState | null> => {
  try {
    return DriftState.safeParse(await bucket().json(driftStateKey)).data ?? null;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  }
};

const reading = (fleet: Seen[], data: ReturnType<typeof session>, { remaining }: World): Reading => {
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

/** What was found stands whether or not people hear of it. */
const tell = async (mail: Parameters<typeof mailEverybody>[1], log: World['log']): Promise<void> => {
  try {
    const rules = await policy();
    const said = `${mail.Subject}\n${mail.Message}`.slice(0, MOST_IN_SLACK).toWellFormed();
    const told = await Promise.allSettled([mailEverybody(rules, mail), post(rules).say(said)]);
    for (const it of told) if (it.status === 'rejected') log.warn('drift could not be told', { error: it.reason });
  } catch (error) {
    log.warn('drift could not be told', { error: error as Error });
  }
};

const MOST_IN_SLACK = 1_500;
