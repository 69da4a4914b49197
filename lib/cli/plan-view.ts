import { planView } from '../approval/plan-view.ts';
import { type Summary, summarize } from '../approval/summary.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { type Finding, judge } from '../migrations/lint/judge.ts';
import { numbered } from './approvals-view.ts';
import { painter, type Style } from './output.ts';
import type { Preview } from './preview.ts';
import { told } from './told.ts';
import { counted, table } from './words.ts';

/** A migration that is pending somewhere: each of its statements, and in how many databases of which environment. */
export type PendingMigration = Omit<ReturnType<typeof planView>['migrations'][number], 'databases'> & {
  databases: Record<string, number>;
  /** What rules have found in it that somebody should look at. */
  findings: Finding[];
};

/** In the order of the bundle. */
export const pendingMigrations = (previews: Preview[], bundle: Bundle): PendingMigration[] => {
  const found = new Map<string, PendingMigration>();
  const findings = judge(bundle).filter(({ severity, excepted }) => severity !== 'info' && !excepted);
  for (const { environment, plan } of previews) {
    if (!plan) continue;
    for (const migration of planView({ plan, bundle, previous: plan.previous }).migrations) {
      const databases = { ...found.get(migration.id)?.databases, [environment]: migration.databases };
      const own = findings.filter((it) => it.migration === migration.id);
      found.set(migration.id, { ...migration, databases, findings: own });
    }
  }
  return bundle.migrations.flatMap(({ id }) => found.get(id) ?? []);
};

/** An environment's plan in a few words; null where nothing is pending. */
export const inShort = (plan: NonNullable<Preview['plan']>, bundle: Bundle): Summary | null =>
  plan.migrations.length === 0 ? null : summarize(plan, bundle);

/** What `lockstep plan --json` prints. */
export const planJson = (previews: Preview[], bundle: Bundle) => ({
  digest: previews[0]?.digest ?? null,
  environments: previews.map(({ service, environment, plan, failure }) => ({ service, environment, plan, failure })),
  migrations: pendingMigrations(previews, bundle),
});

export const planText = (previews: Preview[], bundle: Bundle, colours: boolean): string => {
  const paint = painter(colours);
  const lines = previews.map(({ environment, plan, failure }) => {
    const name = paint('bold', environment);
    if (plan === null) return `${paint('red', '✗')} ${name}  ${failure?.error}: ${told(failure?.cause ?? '')}`;
    const short = inShort(plan, bundle);
    if (short === null) return `${name}  nothing pending in ${counted(plan.databases.length, 'database')}`;
    return `${name}  a run would ${short.what}, in ${counted(short.waves, 'wave')}; ${paint(STYLES[short.risk], `${short.risk} risk`)}`;
  });
  const pending = pendingMigrations(previews, bundle);
  if (pending.length === 0) return lines.join('\n');
  const planned = previews.filter(({ plan }) => plan !== null).map(({ environment }) => environment);
  const [head = '', ...rest] = table(
    [
      ['MIGRATION', 'RISK', ...planned.map((it) => it.toUpperCase())],
      ...pending.map((it) => [it.file, it.risk, ...planned.map((name) => String(it.databases[name] ?? '–'))]),
    ],
    planned.map((_, at) => at + 2),
  );
  const blocks = pending.map(({ file, risk, reason, statements, findings }) => {
    const lint = findings.map(
      (it) => `${paint(it.severity === 'error' ? 'red' : 'yellow', `${it.severity} ${it.rule}`)}: ${lintLine(it)}`,
    );
    const sql = statements.flatMap((it) => (it.sql === null ? ['      …'] : numbered(`${it.sql};`, it.line)));
    return [
      `${paint('bold', told(file))}  ${paint(STYLES[risk], `${risk} risk`)}: ${told(reason)}`,
      ...lint,
      ...sql,
    ].join('\n');
  });
  return [...lines, '', paint('dim', head), ...rest, '', blocks.join('\n\n')].join('\n');
};

const lintLine = ({ file, line, why, rewrite }: Finding): string => told(`${file}:${line} ${why}; safe: ${rewrite}`);

const STYLES: Record<PendingMigration['risk'], Style> = { high: 'red', medium: 'yellow', low: 'green' };
