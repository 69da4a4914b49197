import type { Plan } from '../fleet/plan.ts';
import { clip } from '../fleet/texts.ts';
import type { Failing, Hold, WaveSoFar } from '../ledger/hold.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { Bundle } from '../migrations/bundle.ts';

/** A request is one item of the ledger, which holds 400 KB, and is read by people. */
const MOST = { failures: 40, message: 800, files: 20, waves: 200 };

/** How a rollout stands: the same for the same plan and verdicts, in whichever order they are read. */
export const heldRollout = (
  {
    number,
    wave,
    reason,
    canRevert,
    onward,
  }: Pick<Required<Hold>, 'number' | 'wave' | 'reason' | 'canRevert' | 'onward'>,
  it: { plan: Plan; bundle: Bundle; verdicts: Verdict[] },
): Hold => {
  const said = new Map(it.verdicts.map((verdict) => [nameOf(verdict), verdict]));
  const broken = it.verdicts
    .filter(({ failure, verdict }) => failure !== null || verdict === 'in doubt')
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return {
    number,
    wave,
    reason: clip(reason, MOST.message),
    canRevert,
    onward,
    withoutDown: canRevert ? [] : withoutDown(it.plan, it.bundle),
    waves: wavesOf(it.plan, said).slice(0, MOST.waves),
    failures: broken.slice(0, MOST.failures).map(failing),
    moreFailures: Math.max(0, broken.length - MOST.failures),
  };
};

const wavesOf = ({ databases }: Plan, said: Map<string, Verdict>): WaveSoFar[] => {
  const touched = databases.filter(({ pending }) => pending.length > 0);
  return [...Map.groupBy(touched, ({ wave }) => wave ?? 0)]
    .toSorted(([a], [b]) => a - b)
    .map(([wave, all]) => {
      const verdicts: Record<string, number> = {};
      for (const it of all) {
        const verdict = said.get(nameOf(it))?.verdict;
        if (verdict !== undefined) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      }
      return { wave, databases: all.length, verdicts };
    });
};

const withoutDown = ({ migrations }: Plan, bundle: Bundle): string[] => {
  const planned = new Set(migrations.map(({ id }) => id));
  return bundle.migrations
    .filter(({ id, down }) => planned.has(id) && down === null)
    .map(({ file }) => file)
    .slice(0, MOST.files);
};

const failing = ({ cluster, database, verdict, failure }: Verdict): Failing => ({
  cluster,
  database,
  verdict,
  file: failure?.file ?? null,
  line: failure?.line ?? null,
  sqlstate: failure?.sqlstate ?? '',
  message: clip(failure?.message ?? 'nobody knows whether its last statement took effect', MOST.message),
});

const nameOf = ({ cluster, database }: { cluster: string; database: string }): string => `${cluster}/${database}`;
