import { planView } from '../approval/plan-view.ts';
import { type Summary, summarize } from '../approval/summary.ts';
import { inSentences } from '../fleet/drift/planned.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { numbered } from './approvals-view.ts';
import { leftOutLines } from './left-out.ts';
import { painter, type Style } from './output.ts';
import type { Preview } from './preview.ts';
import { told } from './told.ts';
import { counted, table } from './words.ts';

/** A migration that is pending somewhere: each of its statements, and in how many databases of which environment. */
export type PendingMigration = Omit<Seen, 'databases'> & { databases: Record<string, number> };

type Seen = ReturnType<typeof planView>['migrations'][number];

/** In the order of the bundle. */
export const pendingMigrations = (previews: Preview[], bundle: Bundle): PendingMigration[] => {
  const found = new Map<string, PendingMigration>();
  for (const { environment, plan } of previews) {
    if (!plan) continue;
    for (const migration of planView({ plan, bundle, previous: null }).migrations) {
      const databases = { ...found.get(migration.id)?.databases, [environment]: migration.databases };
      // Environments may judge differently: what any of them has to say is told once.
      const findings = [...(found.get(migration.id)?.findings ?? []), ...migration.findings.filter(isTold)];
      const once = new Map(findings.map((it) => [`${it.rule} ${it.direction} ${it.line} ${it.column}`, it]));
      found.set(migration.id, { ...migration, databases, findings: [...once.values()] });
    }
  }
  return bundle.migrations.flatMap(({ id }) => found.get(id) ?? []);
};

const isTold = ({ severity, excepted }: Seen['findings'][number]): boolean => severity !== 'info' && !excepted;

/** `0007_x.sql:3`, or where it is in what takes the migration back. */
export const placeOf = ({ file }: PendingMigration, { line, direction }: Seen['findings'][number]): string =>
  direction === 'down' ? `line ${line} of what takes ${file} back` : `${file}:${line}`;

/** An environment's plan in a few words; null where nothing is pending. */
export const inShort = (plan: NonNullable<Preview['plan']>, bundle: Bundle): Summary | null =>
  plan.migrations.length === 0 ? null : summarize(plan, bundle);

/** What was changed in an environment's fleet without a migration, a sentence each. */
export const driftIn = ({ plan }: Preview): string[] => inSentences(plan?.drift ?? []);

/** What `lockstep plan --json` prints. */
export const planJson = (previews: Preview[], bundle: Bundle) => ({
  digest: previews[0]?.digest ?? null,
  environments: previews.map(({ service, environment, plan, failure }) => ({ service, environment, plan, failure })),
  migrations: pendingMigrations(previews, bundle),
});

export const planText = (previews: Preview[], bundle: Bundle, colours: boolean): string => {
  const paint = painter(colours);
  const lines = previews.flatMap((preview) => {
    const { environment, plan, failure } = preview;
    const name = paint('bold', environment);
    if (plan === null) return [`${paint('red', '✗')} ${name}  ${failure?.error}: ${told(failure?.cause ?? '')}`];
    const notes = [
      ...driftIn(preview).map((it) => `  ${paint('yellow', 'drift')}: ${told(it)}`),
      ...leftOutLines(environment, plan.unfit ?? [], paint),
      ...(plan.rollout.unmatched ?? []).map((it) => `${paint('yellow', '!')} ${environment}  ${told(it)}`),
    ];
    const short = inShort(plan, bundle);
    if (short === null) return [`${name}  nothing pending in ${counted(plan.databases.length, 'database')}`, ...notes];
    const risk = paint(STYLES[short.risk], `${short.risk} risk`);
    return [`${name}  a run would ${short.what}, in ${counted(short.waves, 'wave')}; ${risk}`, ...notes];
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
  const blocks = pending.map((migration) => {
    const { file, risk, reason, statements, findings } = migration;
    const lint = findings.map(
      (it) =>
        `${paint(it.severity === 'error' ? 'red' : 'yellow', `${it.severity} ${it.rule}`)}: ${told(`${placeOf(migration, it)} ${it.why}; safe: ${it.rewrite}`)}`,
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

const STYLES: Record<PendingMigration['risk'], Style> = { high: 'red', medium: 'yellow', low: 'green' };
