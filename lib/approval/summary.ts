import { inSentences, type PlannedDrift } from '../fleet/drift/planned.ts';
import { findingsTold } from '../fleet/lint-findings.ts';
import type { Plan } from '../fleet/plan.ts';
import { factsOf } from '../fleet/plan-facts.ts';
import type { RestorePlan } from '../fleet/restore/plan.ts';
import { outageOf } from '../fleet/restore/steps.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { type Risk, riskOf } from '../policy/risk.ts';

export type Summary = {
  /** `bring 3 migrations to 4 databases in 2 clusters`, `take back …` */
  what: string;
  counts: Record<Risk['risk'], number>;
  risk: Risk['risk'];
  /** The most dangerous statement; null where nothing is more than low. */
  worst: { file: string; line: number; sql: string; reason: string } | null;
  waves: number;
  /** `2 warnings, 1 excepted`; empty where lint has nothing to tell. */
  lint: string;
  /** What was changed in the fleet without a migration, in sentences; not there where nothing was. */
  drift?: string[];
  /** Which declared waves ask for clusters that are not there; not there where none does. */
  unmatched?: string[];
  /** Set where a run is restored, and no statement is run. */
  restore?: { outage: string };
};

/** A plan in a few words, the same in every channel. */
export const summarize = (plan: Plan, bundle: Bundle, drift: PlannedDrift[] = []): Summary => {
  const behind = plan.databases.filter(({ pending }) => pending.length > 0);
  const clusters = new Set(behind.map(({ cluster }) => cluster)).size;
  const counts = { low: 0, medium: 0, high: 0 };
  for (const { risk } of plan.migrations) counts[risk] += 1;
  const many = counted(plan.migrations.length, 'migration');
  const where = `${counted(behind.length, 'database')} in ${counted(clusters, 'cluster')}`;
  return {
    what: plan.direction === 'up' ? `bring ${many} to ${where}` : `take back ${many} in ${where}`,
    counts,
    risk: highest(plan),
    worst: worstOf(plan, bundle),
    waves: new Set(behind.map(({ wave }) => wave)).size,
    lint: findingsTold(plan.migrations.flatMap(({ findings = [] }) => findings)),
    ...(plan.rollout.unmatched ? { unmatched: plan.rollout.unmatched } : {}),
    ...(drift.length > 0 ? { drift: inSentences(drift) } : {}),
  };
};

/** The same for a restore. A swap takes clusters away from who uses them: there is no higher risk. */
export const summarizeRestore = (plan: RestorePlan): Summary => ({
  what: `restore ${counted(plan.clusters.length, 'cluster')} to before run ${plan.restores}${plan.swap ? ', and swap them in' : ', beside what stands there'}`,
  counts: { low: 0, medium: 0, high: 0 },
  risk: riskOfRestore(plan),
  worst: null,
  waves: 0,
  lint: '',
  restore: { outage: outageOf(plan) },
});

export const riskOfRestore = ({ swap }: Pick<RestorePlan, 'swap'>): Risk['risk'] => (swap ? 'high' : 'medium');

/** What rules are chosen by: the risk of the most dangerous migration. */
export const highest = ({ migrations }: Pick<Plan, 'migrations'>): Risk['risk'] =>
  (['high', 'medium'] as const).find((risk) => migrations.some((it) => it.risk === risk)) ?? 'low';

export const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const worstOf = (plan: Plan, bundle: Bundle): Summary['worst'] => {
  const risk = highest(plan);
  const planned = plan.migrations.find((it) => it.risk === risk);
  const migration = bundle.migrations.find(({ id }) => id === planned?.id);
  if (risk === 'low' || !planned || !migration) return null;
  const facts = factsOf(plan, bundle);
  const statements = plan.direction === 'up' ? migration.up : (migration.down?.statements ?? []);
  const statement = statements.find((it) => riskOf([it], facts).risk === risk);
  if (!statement) return null;
  const reason = riskOf([statement], facts).reason.replace(/^line \d+ /, '');
  return { file: planned.file, line: statement.line, sql: statement.sql, reason };
};
