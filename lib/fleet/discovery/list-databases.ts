import { verdictOf } from '../../database/data-api-error.ts';
import { session } from '../../database/session.ts';
import { isExpected } from '../../failure.ts';
import { type Cluster, DatabaseName } from '../fleet.ts';
import { allDatabases } from './all-databases.ts';
import type { Claimed } from './assemble.ts';
import type { DataApi } from './from-query.ts';
import { shown } from './shown.ts';

type Located = Omit<Claimed, 'secret'> & Pick<Cluster, 'clusterArn' | 'secretArn' | 'problems'>;

/** Asks those clusters for their databases that nobody has named any of; many at a time, for a paused one takes a while. */
export const listDatabases = async (
  located: (Located & { secret?: unknown })[],
  { data, remaining = () => Number.POSITIVE_INFINITY }: { data: DataApi; remaining?: () => number },
): Promise<{ clusters: Cluster[]; problems: string[] }> => {
  const problems: string[][] = [];
  const clusters: Cluster[] = [];
  const queue = [...located.entries()];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [at, { secret: _, databases, ...it }] = next;
      if (databases !== 'all') clusters[at] = { ...it, databases };
      else if (it.problems.length > 0) clusters[at] = { ...it, databases: [] };
      else if (remaining() < LEAST) clusters[at] = { ...it, databases: [], problems: [LATE] };
      else [clusters[at], problems[at]] = await listed(it, data, remaining);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { clusters, problems: problems.flat() };
};

/** As many connections as the SDK holds open. */
const AT_ONCE = 50;

/** Milliseconds: a call takes up to 45 s, and what is found has to be written down. */
const LEAST = 75_000;

const LATE =
  'could not be asked for its databases in time. Name them in the tag lockstep:databases, or run again when fewer clusters are paused.';

const listed = async (
  it: Omit<Cluster, 'databases'>,
  data: DataApi,
  remaining: () => number,
): Promise<[Cluster, string[]]> => {
  try {
    const names = await allDatabases(session(data), it, remaining);
    const isSound = (name: string) => DatabaseName.safeParse(name).success;
    return [
      { ...it, databases: names.filter(isSound) },
      names
        .filter((name) => !isSound(name))
        .map(
          (name) =>
            `${it.cluster}: its database ${shown(name)} has a name that can't be taken: 1 to 63 of a-z 0-9 _ -, not beginning with a digit or -. Rename it, or name the others in the tag lockstep:databases.`,
        ),
    ];
  } catch (error) {
    const reason = isExpected(error) ? error.message : verdictOf(error).message;
    return [{ ...it, databases: [], problems: [`can't be asked for its databases: ${reason}`] }, []];
  }
};
