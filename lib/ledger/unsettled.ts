import { queryAll } from './query.ts';
import { RestorePoint } from './restore-points.ts';
import { restorePointKey, verdictKey } from './run-keys.ts';
import { Verdict } from './runs.ts';
import type { Table } from './table.ts';

/** What a run has written down since one looked last. */
export type Written = { verdicts: Verdict[]; restorePoints: RestorePoint[] };

/**
 * Reads what a run writes down, without reading all of it at every look: of a fleet of ten thousand that would be ten
 * megabytes a second, out of the table that the run itself lives on. What has its last word is not read again. The keys
 * that are left are read by stretches of the key's order, as a map takes its clusters in that order: behind its front
 * all is settled, and before it there is nothing, which costs nothing to read.
 */
export const unsettledReader = (table: Table, run: string) => {
  const settled = new Set<string>();
  return async (databases: { cluster: string; database: string }[]): Promise<Written> => {
    const clusters = new Set(databases.map(({ cluster }) => cluster));
    const [verdicts, points] = await Promise.all([
      readUnsettled(table, run, settled, databases.map(verdictKey)),
      readUnsettled(table, run, settled, [...clusters].map(restorePointKey)),
    ]);
    const read = {
      verdicts: verdicts.map((it) => Verdict.parse(it)),
      restorePoints: points.map((it) => RestorePoint.parse(it)),
    };
    for (const it of read.verdicts) if (it.verdict !== 'running') settled.add(verdictKey(it));
    for (const it of read.restorePoints) settled.add(restorePointKey(it.cluster));
    return read;
  };
};

/**
 * From which key to which key there are any that are not settled. Between two stretches lie more than `gap` settled
 * ones: to read a few of those once more costs less than another request.
 */
export const stretches = (keys: string[], settled: ReadonlySet<string>, gap = 50): [from: string, to: string][] => {
  const found: [string, string][] = [];
  let passed = Infinity;
  for (const key of keys.toSorted(byCodeUnit)) {
    if (settled.has(key)) passed += 1;
    else {
      const last = found.at(-1);
      if (last && passed <= gap) last[1] = key;
      else found.push([key, key]);
      passed = 0;
    }
  }
  return found;
};

/** As DynamoDB orders them: names of clusters and databases are ASCII. */
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Items between the keys, those of settled ones left out. */
const readUnsettled = async (
  table: Table,
  run: string,
  settled: ReadonlySet<string>,
  keys: string[],
): Promise<Record<string, unknown>[]> => {
  const wanted = new Set(keys);
  const queue = stretches(keys, settled);
  const found: Record<string, unknown>[] = [];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) found.push(...(await between(table, run, next)));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return found.filter(({ sk }) => wanted.has(String(sk)) && !settled.has(String(sk)));
};

const AT_A_TIME = 4;

const between = (table: Table, run: string, [from, to]: [string, string]) =>
  queryAll(table, {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': `RUN#${run}`, ':from': from, ':to': to },
  });
