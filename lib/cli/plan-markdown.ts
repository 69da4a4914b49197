import type { Bundle } from '../migrations/bundle.ts';
import { code, fenced, html, plain, rows } from './markdown.ts';
import { inShort, type PendingMigration, pendingMigrations, placeOf } from './plan-view.ts';
import type { Preview } from './preview.ts';
import { counted } from './words.ts';

/**
 * What a run would do, as a comment at a pull request. Its first line is not shown, and the same for the same
 * environments of a service: by that the comment is found again and written anew.
 */
export const planMarkdown = (previews: Preview[], bundle: Bundle): string => {
  const pending = pendingMigrations(previews, bundle);
  const head = [
    marker(previews),
    '### Lockstep plan',
    `Bundle ${code((previews[0]?.digest ?? '').slice(0, 12))}, ${counted(bundle.migrations.length, 'migration')}.`,
    rows(
      ['environment', 'a run would', 'waves', 'risk'],
      previews.map((it) => row(it, bundle)),
    ),
    ...previews.flatMap(refusal),
    ...(pending.length > 0 ? [matrix(previews, pending)] : []),
    ...lint(pending),
  ].join('\n\n');
  return [head, ...withinRoom(pending.map(sqlOf), MOST_CHARACTERS - head.length)].join('\n\n');
};

const marker = (previews: Preview[]): string =>
  `<!-- lockstep plan: ${previews.map(({ service, environment }) => `${service}/${environment}`).join(' ')} -->`;

const row = ({ environment, plan }: Preview, bundle: Bundle): string[] => {
  if (plan === null) return [`**${plain(environment)}**`, '❌ no plan, see below', '', ''];
  const short = inShort(plan, bundle);
  const { length } = plan.databases;
  if (short === null) return [`**${plain(environment)}**`, `do nothing in ${counted(length, 'database')}`, '', ''];
  const worst = short.worst && `: ${code(`${short.worst.file}:${short.worst.line}`)} ${plain(short.worst.reason)}`;
  return [`**${plain(environment)}**`, plain(short.what), String(short.waves), `${SIGNS[short.risk]}${worst ?? ''}`];
};

const refusal = ({ environment, failure }: Preview): string[] =>
  failure
    ? [
        `❌ **${plain(environment)}** can't be planned:`,
        fenced(`${failure.error}: ${failure.cause}`.slice(0, MOST_OF_FAILURE).toWellFormed()),
      ]
    : [];

const MOST_OF_FAILURE = 5_000;

/** In how many databases of which environment each migration is pending; of more than that nobody reads the end. */
const matrix = (previews: Preview[], pending: PendingMigration[]): string => {
  const planned = previews.filter(({ plan }) => plan !== null).map(({ environment }) => environment);
  return rows(
    ['migration', 'risk', 'why', ...planned.map(plain)],
    pending
      .slice(0, MOST_ROWS)
      .map(({ file, risk, reason, databases }) => [
        ...[code(file), SIGNS[risk], plain(reason)],
        ...planned.map((name) => String(databases[name] ?? '–')),
      ]),
  );
};

const MOST_ROWS = 200;

const lint = (pending: PendingMigration[]): string[] => {
  const found = pending.flatMap((migration) =>
    migration.findings.map((it) => ({ ...it, place: placeOf(migration, it) })),
  );
  const lines = found.slice(0, MOST_FINDINGS).map(({ severity, rule, place, why, rewrite }) => {
    const head = `${severity === 'error' ? '❌' : '⚠️'} ${code(place)} **${plain(rule)}**`;
    return `- ${head}: ${plain(why)}. Safe: ${plain(rewrite)}`;
  });
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

const withinRoom = (blocks: string[], room: number): string[] => {
  let left = room;
  const shown = blocks.filter((block) => {
    left -= block.length + 2;
    return left >= 0;
  });
  const more = blocks.length - shown.length;
  return more === 0 ? shown : [...shown, `The SQL of ${counted(more, 'more migration')} does not fit here.`];
};
