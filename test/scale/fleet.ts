import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../../lib/cli/words.ts';
import { HANDLER, LATENCY, SLOW } from './calls.ts';
import { costsOf, NOT_INCLUDED } from './costs.ts';
import { predict, QUOTAS } from './prediction.ts';
import { type FleetRun, runFleet, SNAPSHOT_SECONDS } from './run-fleet.ts';

const HELP = `Usage: npm run fleet -- [options]

Brings a fleet of made-up clusters to the newest migration, on virtual time: the synthesized state machine with its real
handlers, roles and wire protocols, where only PostgreSQL is a stand-in that answers Lockstep's own statements.

  --clusters N     how many; several with commas between them show how it grows  (default: 1000)
  --databases N    in each cluster                                               (default: 1)
  --concurrency N  clusters worked on at once                                    (default: 1000)
  --snapshots      take a snapshot of each cluster, instead of noting the time that it can be restored to
  --json           { clusters, transitionsPerCluster, dataApiCallsPerDatabase, peakConcurrency, peakRssMiB, seconds,
                   predictedSeconds, costUsd } on stdout; a list of these where there are several

  peakConcurrency   functions at work at once, by virtual time
  peakRssMiB        of the local cloud's process while it runs, with all of AWS in it, and a heap of 160 MB that it has to
                    make do with whatever the fleet; handlers run in processes of their own
  seconds           of this machine, for the run alone
  predictedSeconds  of AWS, under its published quotas; what is assumed is printed
  costUsd           of AWS, by its published prices; not in it: ${NOT_INCLUDED}

Exit code: 0 all was applied, 1 it was not, 2 wrong usage.`;

type Figures = {
  clusters: number;
  transitionsPerCluster: number;
  dataApiCallsPerDatabase: number;
  peakConcurrency: number;
  peakRssMiB: number;
  seconds: number;
  predictedSeconds: number;
  costUsd: number;
};

type Options = { clusters: number[]; databases: number; concurrency: number; snapshots: boolean; json: boolean };

const main = async (): Promise<number> => {
  const options = read();
  if (typeof options === 'number') return options;
  try {
    const [only] = options.clusters;
    const all =
      options.clusters.length === 1 ? [await one(only!, options)] : options.clusters.map((it) => apart(it, options));
    if (options.json) process.stdout.write(`${JSON.stringify(all.length === 1 ? all[0] : all)}\n`);
    else process.stdout.write(`\n${view(all)}\n`);
    return 0;
  } catch (error) {
    tell((error as Error).message);
    return 1;
  }
};

const read = (): Options | number => {
  try {
    const { values } = parseArgs({
      options: {
        clusters: { type: 'string', default: '1000' },
        databases: { type: 'string', default: '1' },
        concurrency: { type: 'string', default: '1000' },
        snapshots: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${HELP}\n`);
      return 0;
    }
    const whole = (name: string, text: string) => {
      if (!/^[1-9]\d{0,4}$/.test(text))
        throw new Error(`--${name} takes whole numbers from 1 to 99999, not "${text}".`);
      return Number(text);
    };
    return {
      clusters: values.clusters.split(',').map((it) => whole('clusters', it)),
      databases: whole('databases', values.databases),
      concurrency: whole('concurrency', values.concurrency),
      snapshots: values.snapshots,
      json: values.json,
    };
  } catch (error) {
    tell(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
};

const tell = (line: string) => void process.stderr.write(`${line}\n`);

/** In a process of its own: memory once taken stays taken. */
const apart = (clusters: number, { databases, concurrency, snapshots }: Options): Figures => {
  tell(`\n${clusters} clusters`);
  const args = [
    '--clusters',
    clusters,
    '--databases',
    databases,
    '--concurrency',
    concurrency,
    '--json',
    ...(snapshots ? ['--snapshots'] : []),
  ].map(String);
  const stdout = execFileSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  return JSON.parse(stdout);
};

const one = async (clusters: number, { databases, concurrency, snapshots }: Options): Promise<Figures> => {
  const run = await runFleet({
    clusters,
    databases,
    context: { concurrency, ...(snapshots ? { snapshots: 1 } : {}) },
    tell,
  });
  try {
    return figures(run, clusters, databases);
  } finally {
    await run.close();
  }
};

const figures = (run: FleetRun, clusters: number, databases: number): Figures => {
  const during = (from: number, to: number) =>
    [...run.tally.rds].reduce((sum, [at, calls]) => (at >= from * 1000 && at <= to * 1000 ? sum + calls : sum), 0);
  const maps = run.maps.map((map) => ({ ...map, rdsCalls: during(map.from, map.to) }));
  const { seconds, bounds } = predict(run.seconds, maps);
  const elsewhere = predict(run.seconds, maps, QUOTAS.transitionsPerSecondElsewhere);
  const costs = costsOf(run.tally, run.transitions, maps.length);
  const sum = Object.values(costs).reduce((total, it) => total + it, 0);
  tell(`history: parent ${run.parent.events} events, a child at most ${run.child.events}, of 25,000`);
  tell(`longest text of a state: ${Math.max(run.parent.longest, run.child.longest)} bytes, of 262,144`);
  for (const [name, used] of [...run.tally.memory].toSorted(([, a], [, b]) => b - a).slice(0, 4))
    tell(`memory of ${name}: ${used} MB`);
  for (const { label, seconds, by } of bounds) tell(`${label} takes ${Math.round(seconds)} s in AWS, held by ${by}`);
  tell(`in a Region of 800 state transitions a second: ${Math.round(elsewhere.seconds)} s`);
  tell(
    `assumed: ${run.snapshots ? `a snapshot takes ${SNAPSHOT_SECONDS} s, ` : ''}the RDS API answers ${QUOTAS.rdsCallsPerSecond} calls a second,`,
  );
  tell(
    `  a handler takes ${HANDLER} ms of its own (what took more than ${SLOW} ms here takes that), and its calls, in ms,`,
  );
  tell(
    `  ${Object.entries(LATENCY)
      .map(([name, it]) => `${name} ${it}`)
      .join(', ')}; the quotas of snapshots and clusters are raised`,
  );
  tell(
    `costs: ${Object.entries(costs)
      .map(([name, it]) => `${name} $${it.toFixed(4)}`)
      .join(', ')}; not in it: ${NOT_INCLUDED}`,
  );
  return {
    clusters,
    transitionsPerCluster: rounded(run.transitions / clusters),
    dataApiCallsPerDatabase: rounded(run.dataApiCalls / (clusters * databases)),
    peakConcurrency: run.tally.peakConcurrency,
    peakRssMiB: Math.round(run.peakRss / 2 ** 20),
    seconds: rounded(run.realSeconds),
    predictedSeconds: Math.round(seconds),
    costUsd: Math.round(sum * 10_000) / 10_000,
  };
};

const rounded = (value: number): number => Math.round(value * 100) / 100;

const view = (all: Figures[]): string => {
  const names = Object.keys(all[0]!) as (keyof Figures)[];
  const rows = all.map((it, at) => {
    const before = all[at - 1];
    // Twice the clusters in twice the time is 1.
    const growth = before ? it.seconds / before.seconds / (it.clusters / before.clusters) : null;
    return [...names.map((name) => String(it[name])), growth === null ? '' : growth.toFixed(2)];
  });
  return table(
    [[...names, 'growth of seconds'], ...rows],
    names.map((_, at) => at),
  ).join('\n');
};

process.exitCode = await main();
