import { visible } from '../approval/page/visible.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { code, fenced, html, plain, rows } from './markdown.ts';
import { driftIn, inShort, type PendingMigration, pendingMigrations, placeOf } from './plan-view.ts';
import type { Preview } from './preview.ts';
import { counted } from './words.ts';

/**
 * What a run would do, as a comment at a pull request. Its first line is not shown, and the same for the same
 * environments of a service: by that the comment is found again and written anew.
 */
export const planMarkdown = (previews: Preview[], bundle: Bundle): string => {
  const pending = pendingMigrations(previews, bundle);
  const head = [
    ...opening(previews),
    `Bundle ${code((previews[0]?.digest ?? '').slice(0, 12))}, ${counted(bundle.migrations.length, 'migration')}.`,
    ...within(
      ['environment', 'a run would', 'waves', 'risk'],
      previews.map((it) => row(it, bundle)),
      { room: ROOM.environments, of: 'environment' },
    ),
    ...refusals(previews),
    ...drift(previews),
    ...leftOut(previews),
    ...unmatched(previews),
    ...(pending.length > 0 ? matrix(previews, pending) : []),
    ...lint(pending),
  ].join('\n\n');
  const sql = pending.map(sqlOf);
  const shown = fitting(sql, MOST_CHARACTERS - head.length);
  const more = sql.length - shown;
  const rest = more > 0 ? [`The SQL of ${counted(more, 'more migration')} does not fit here.`] : [];
  return [head, ...sql.slice(0, shown), ...rest].join('\n\n');
};

/** The same comment where there is no bundle to plan: it is not to go on telling an earlier plan. */
export const unplannedMarkdown = (pipelines: Named[], { name, message }: Error): string =>
  [...opening(pipelines), '❌ There is nothing to plan:', fence(`${name}: ${message}`)].join('\n\n');

type Named = Pick<Preview, 'service' | 'environment'>;

const opening = (all: Named[]): string[] => [
  `<!-- lockstep plan: ${all.map(({ service, environment }) => `${service}/${environment}`).join(' ')} -->`,
  '### Lockstep plan',
];

const row = ({ environment, plan }: Preview, bundle: Bundle): string[] => {
  if (plan === null) return [`**${plain(environment)}**`, '❌ no plan, see below', '', ''];
  const short = inShort(plan, bundle);
  const { length } = plan.databases;
  if (short === null) return [`**${plain(environment)}**`, `do nothing in ${counted(length, 'database')}`, '', ''];
  const worst = short.worst && `: ${code(`${short.worst.file}:${short.worst.line}`)} ${plain(short.worst.reason)}`;
  return [`**${plain(environment)}**`, plain(short.what), String(short.waves), `${SIGNS[short.risk]}${worst ?? ''}`];
};

const refusals = (previews: Preview[]): string[] => {
  const blocks = previews.flatMap(({ environment, failure }) =>
    failure ? [`❌ **${plain(environment)}** can't be planned:\n\n${fence(`${failure.error}: ${failure.cause}`)}`] : [],
  );
  const shown = fitting(blocks, ROOM.refusals);
  const more = blocks.length - shown;
  return [
    ...blocks.slice(0, shown),
    ...(more > 0 ? [`Why ${counted(more, 'more environment')} can't be planned does not fit here.`] : []),
  ];
};

/** What was changed in fleets without a migration: the bundle was written without knowing of it. */
const drift = (previews: Preview[]): string[] =>
  listed(
    previews.flatMap((it) =>
      driftIn(it).map((sentence) => `drift in **${plain(it.environment)}**: ${plain(sentence)}`),
    ),
    ROOM.drift,
    (more) => `${counted(more, 'more finding')} of drift, as \`lockstep drift\` tells`,
  );

/** Clusters that a plan leaves out, each with why and what to do about it. */
const leftOut = (previews: Preview[]): string[] =>
  listed(
    previews.flatMap(({ environment, plan }) =>
      (plan?.unfit ?? []).map(
        ({ cluster, problems }) =>
          `**${plain(environment)}** leaves out ${code(cluster)}: ${problems.map(plain).join('; ')}`,
      ),
    ),
    ROOM.leftOut,
    (more) => `${counted(more, 'more cluster')}, as \`lockstep plan --json\` tells`,
  );

/** Which declared waves ask for clusters that are not there. */
const unmatched = (previews: Preview[]): string[] =>
  listed(
    previews.flatMap(({ environment, plan }) =>
      (plan?.rollout.unmatched ?? []).map((it) => `**${plain(environment)}** ${plain(it)}`),
    ),
    ROOM.unmatched,
    (more) => `${counted(more, 'more wave')} without clusters, as \`lockstep plan --json\` tells`,
  );

/** Warnings as a list, as many of them as there is room for; what is left out is counted. */
const listed = (all: string[], room: number, left: (more: number) => string): string[] => {
  const warnings = all.map((it) => `- ⚠️ ${it}`);
  const shown = fitting(warnings, room);
  const rest = shown < warnings.length ? [`- and ${left(warnings.length - shown)}`] : [];
  return warnings.length > 0 ? [[...warnings.slice(0, shown), ...rest].join('\n')] : [];
};

/** What is spelled out takes more room than it did; a fence is as long as it has to be. */
const fence = (text: string): string => fenced(visible(text).slice(0, MOST_OF_FAILURE).toWellFormed());

const MOST_OF_FAILURE = 5_000;

/** In how many databases of which environment each migration is pending; of more than that nobody reads the end. */
const matrix = (previews: Preview[], pending: PendingMigration[]): string[] => {
  const planned = previews.filter(({ plan }) => plan !== null).map(({ environment }) => environment);
  return within(
    ['migration', 'risk', 'why', ...planned.map(plain)],
    pending.map(({ file, risk, reason, databases }) => [
      ...[code(file), SIGNS[risk], plain(reason)],
      ...planned.map((name) => String(databases[name] ?? '–')),
    ]),
    { room: ROOM.matrix, of: 'migration' },
  );
};

/** A table of as many rows as fit, and how many more there are. */
const within = (heads: string[], all: string[][], { room, of }: { room: number; of: string }): string[] => {
  const lines = all.map((cells) => cells.join(' | '));
  const shown = Math.min(MOST_ROWS, fitting(lines, room - rows(heads, []).length));
  const more = all.length - shown;
  return [rows(heads, all.slice(0, shown)), ...(more > 0 ? [`And ${counted(more, `more ${of}`)}.`] : [])];
};

const MOST_ROWS = 200;

const lint = (pending: PendingMigration[]): string[] => {
  const found = pending.flatMap((migration) =>
    migration.findings.map((it) => ({ ...it, place: placeOf(migration, it) })),
  );
  const all = found.slice(0, MOST_FINDINGS).map(({ severity, rule, place, why, rewrite }) => {
    const head = `${severity === 'error' ? '❌' : '⚠️'} ${code(place)} **${plain(rule)}**`;
    return `- ${head}: ${plain(why)}. Safe: ${plain(rewrite)}`;
  });
  const lines = all.slice(0, fitting(all, ROOM.lint));
  const more = found.length - lines.length;
  if (more > 0) lines.push(`- and ${counted(more, 'more finding')}, as \`lockstep check\` tells`);
  return lines.length > 0 ? [lines.join('\n')] : [];
};

const MOST_FINDINGS = 50;

const SIGNS: Record<PendingMigration['risk'], string> = { low: '🟢 low', medium: '🟡 medium', high: '🔴 high' };

const sqlOf = ({ file, statements }: PendingMigration): string => {
  const sql = statements.map((it) => (it.sql === null ? '-- too long to be shown here' : `${it.sql};`)).join('\n\n');
  // Blank lines around it, or it would not be read as Markdown.
  return `<details><summary>SQL of ${html(file)}</summary>\n\n${fenced(sql, 'sql')}\n\n</details>`;
};

/** GitHub takes 65,536 characters in a comment. */
const MOST_CHARACTERS = 60_000;

/** What is not SQL leaves some of that to it. */
const ROOM = {
  ...{ environments: 10_000, refusals: 10_000, drift: 6_000, leftOut: 4_000, unmatched: 2_000 },
  ...{ matrix: 14_000, lint: 8_000 },
};

/** How many of these, from the first on, fit into so many characters, with what stands between them. */
const fitting = (blocks: string[], room: number): number => {
  let left = room;
  const over = blocks.findIndex((block) => {
    left -= block.length + BETWEEN;
    return left < 0;
  });
  return over < 0 ? blocks.length : over;
};

/** At most: bars at both ends of a row. */
const BETWEEN = 5;
