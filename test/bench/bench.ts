import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../../lib/cli/words.ts';
import { contestants } from './contestants.ts';
import { openGround } from './ground.ts';
import { changes } from './history.ts';
import { race, type Times } from './race.ts';
import { median, standings } from './standings.ts';

const HELP = `Usage: npm run bench -- [options]

Applies the same generated history of 360 migrations with Lockstep, dbmate and node-pg-migrate to fresh databases of one
PostgreSQL server, in turns: one database, then ten. All times are of whole processes, from their start to their end.
Lockstep's process loads a bundle that was built before, as CI does it once for all environments, and does what its Lambda
functions do, by the AWS SDK over HTTP through the local Data API: inspect, apply, verify. A second line of the table
shows it bundling the files first. Programs of Node's (Lockstep, node-pg-migrate) have its compile cache.
Peers run one process a database: one after another, one a processor, or all at once, whichever suits them best.

  --rounds N   how often each is measured  (default: 7, at least 5)
  --json       { ratioOneDatabase, ratioTenDatabases, fastestPeer } on stdout; a ratio is Lockstep's time with
               a bundle built before, over that of the fastest peer: below 1 is faster

Exit code: 0 measured, 1 a tool failed or left another schema than the others, 2 wrong usage.`;

const main = async (): Promise<number> => {
  const options = read();
  if (typeof options === 'number') return options;
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  // PostgreSQL doesn't run as root.
  await chmod(folder, 0o711);
  const ground = await openGround(folder);
  try {
    const history = changes();
    const all = await contestants(folder, ground.endpoint, history);
    tell(`${history.length} migrations, ${all.map(({ name }) => name).join(' · ')}`);
    tell(`load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} processors: the quieter, the truer`);
    const run = (databases: number) => {
      tell(databases === 1 ? 'one database' : `${databases} databases`);
      return race({ ground, contestants: all, folder, migrations: history.length }, databases, options.rounds, tell);
    };
    const one = await run(1);
    const ten = await run(10);
    process.stdout.write(options.json ? `${JSON.stringify(result(one, ten))}\n` : view(one, ten));
    return 0;
  } catch (error) {
    tell((error as Error).message);
    return 1;
  } finally {
    await ground.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

const read = (): { json: boolean; rounds: number } | number => {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '7' },
        help: { type: 'boolean', default: false },
      },
    });
    if (!values.help && !/^([5-9]|[1-9]\d{1,2})$/.test(values.rounds))
      throw new Error(`--rounds takes a whole number from 5 on, not "${values.rounds}".`);
    if (!values.help) return { json: values.json, rounds: Number(values.rounds) };
    process.stdout.write(`${HELP}\n`);
    return 0;
  } catch (error) {
    tell(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
};

const tell = (line: string) => void process.stderr.write(`${line}\n`);

/** Lockstep with a bundle built before comes first in a field. The fastest peer is told for one database; the ratio for ten is to the fastest there. */
const result = (one: Times[], ten: Times[]) => ({
  ratioOneDatabase: rounded(standings(one).ratios[0]!),
  ratioTenDatabases: rounded(standings(ten).ratios[0]!),
  fastestPeer: standings(one).fastestPeer,
});

const rounded = (ratio: number): number => Math.round(ratio * 1000) / 1000;

const view = (one: Times[], ten: Times[]): string => {
  const rows = (field: Times[]) => {
    const { ratios } = standings(field);
    return field.map(({ times, width, contestant }, at) => ({
      ...{ name: contestant.name, time: `${Math.round(median(times))} ms`, ratio: ratios[at]!.toFixed(2) },
      ...{ width: width > 1 ? `${width} at once` : '' },
    }));
  };
  const tens = rows(ten);
  const lines = rows(one).map(({ name, time, ratio }, at) => {
    const it = tens[at]!;
    return [name, time, ratio, it.time, it.ratio, it.width];
  });
  const heads = ['', 'one database', 'ratio', 'ten databases', 'ratio', ''];
  return `\n${table([heads, ...lines], [1, 2, 3, 4]).join('\n')}\n`;
};

process.exitCode = await main();
