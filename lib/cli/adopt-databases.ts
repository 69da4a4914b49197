import { type Adoption, adopt, planAdoption } from '../database/baseline/adopt.ts';
import type { ByHand } from '../database/baseline/by-hand.ts';
import type { Files } from '../database/baseline/match.ts';
import type { ToolName } from '../database/baseline/tools.ts';
import { inspect } from '../database/inspect.ts';
import type { Adopted } from './baseline.ts';
import { type Environment, forEach, nameOf, type Target } from './target.ts';

export type How = { from: ToolName; table?: string | undefined } & ByHand;

/** What would be done; `outcome` is `marked` where something would be. */
export type BaselinePlan = {
  databases: (Adopted & { target: Target; adoption: Adoption | null })[];
  warnings: string[];
};

/** Reads every database's tables and works out what adopting it would do. Changes nothing. */
export const planBaseline = async (
  { session }: Environment,
  targets: Target[],
  how: How,
  files: Files,
): Promise<BaselinePlan> => {
  const found = await forEach(targets, async (target) => {
    const place = { cluster: target.cluster, database: target.database, target };
    try {
      const adoption = await planAdoption(session, target, how, files);
      const { fingerprint } = await inspect(session, target);
      return { ...place, ...planned(adoption, files), adoption, fingerprint };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { ...place, ...NOTHING, problems: [error.message], adoption: null, fingerprint: '' };
    }
  });
  const databases = how.upto === undefined ? found : onlyAlike(found);
  return { databases: databases.map(({ fingerprint: _, ...rest }) => rest), warnings: differences(databases) };
};

/** Adopts database by database; if one had to be refused, none. */
export const carryOut = async (
  { session }: Environment,
  plan: BaselinePlan,
  { from }: How,
  { migrations }: Files,
  requestedBy: string,
): Promise<{ databases: Adopted[]; warnings: string[]; requestedBy: string }> => {
  const refused = plan.databases.some(({ outcome }) => outcome === 'refused');
  const results = plan.databases.map(({ target, adoption, ...result }) => ({ target, adoption, result }));
  const done = new Map<Target, Adopted>();
  await forEach(
    plan.databases.map(({ target }) => target),
    async (target) => {
      const { adoption, result } = results.find((it) => it.target === target)!;
      if (refused || !adoption || result.outcome !== 'marked') {
        const outcome = result.outcome === 'marked' ? 'unchanged' : result.outcome;
        done.set(target, { ...result, outcome, marked: [] });
        return;
      }
      const reason = `${adoption.table} of ${from} lists ${adoption.pairs.at(-1)?.theirs ?? 'its own baseline'} last`;
      try {
        await adopt(session, target, from, adoption, migrations, { reason, requestedBy });
        done.set(target, result);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        done.set(target, { ...result, outcome: 'failed', marked: [], problems: [error.message] });
      }
    },
  );
  return { databases: results.map(({ target }) => done.get(target)!), warnings: plan.warnings, requestedBy };
};

type Found = BaselinePlan['databases'][number] & { fingerprint: string };

const NOTHING = { outcome: 'refused' as const, marked: [], pending: [], matched: [] };

const planned = (
  { mark, applied, pairs, problems }: Adoption,
  { migrations }: Files,
): Omit<Adopted, 'cluster' | 'database'> => {
  const refused = problems.length > 0;
  return {
    outcome: refused ? 'refused' : mark.length > 0 ? 'marked' : 'unchanged',
    marked: refused ? [] : mark.map(({ id }) => id),
    pending: refused ? [] : migrations.slice(applied).map(({ id }) => id),
    matched: pairs,
    problems,
  };
};

/** One number for all databases holds only where the tool lists the same in all of them. */
const onlyAlike = (found: Found[]): Found[] => {
  const listOf = ({ matched }: Found) => matched.map(({ theirs }) => theirs).join('\n');
  const first = found.find(({ adoption }) => adoption !== null);
  return found.map((it) => {
    if (!first || !it.adoption || listOf(it) === listOf(first)) return it;
    const problem = `lists other migrations than in ${nameOf(first.target)}, so that --upto can't be true of both`;
    return { ...it, ...NOTHING, matched: it.matched, problems: [...it.problems, problem] };
  });
};

/** What the tool says is one thing, what stands in the database another: those that list the same must look the same. */
const differences = (found: Found[]): string[] => {
  const fine = found.filter(({ outcome }) => outcome !== 'refused');
  return [...Map.groupBy(fine, ({ pending }) => pending[0] ?? '').values()].flatMap((alike) => {
    const looks = [...Map.groupBy(alike, ({ fingerprint }) => fingerprint).values()];
    if (looks.length === 1) return [];
    const usual = looks.toSorted((a, b) => b.length - a.length)[0]!;
    const others = alike.filter((it) => !usual.includes(it)).map(({ target }) => nameOf(target));
    return [
      `${others.join(', ')} would be at the same migration as ${nameOf(usual[0]!.target)}, but has another schema`,
    ];
  });
};
