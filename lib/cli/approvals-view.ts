import { lasting, until } from '../approval/mail.ts';
import { visible } from '../approval/page/visible.ts';
import type { PlanView } from '../approval/plan-view.ts';
import type { PublicView } from '../approval/view.ts';
import type { Parked } from '../ledger/parked.ts';
import { painter, type Style } from './output.ts';
import { parkedSentence } from './progress-words.ts';
import { voteLine } from './run-approvals.ts';
import { time } from './time.ts';
import { told } from './told.ts';
import { counted } from './words.ts';

/** A request as the endpoint tells it when it is asked for one; without a plan where that is not the one any more. */
export type RequestView = PublicView & { plan?: PlanView | null; parked?: ParkedRun | null };

/** The run that rests until its window opens. */
export type ParkedRun = Parked & { run: string };

/** Until when, why, and what can be done about it. */
export const parkedView = (parked: ParkedRun, environment: string, colours: boolean): string => {
  const paint = painter(colours);
  return [
    `${paint('yellow', 'parked  ')}  ${paint('bold', told(parked.run))}  ${parkedSentence(parked)}`,
    `  wave ${parked.wave} (${told(parked.name)}) begins then by itself; to end it: lockstep abandon ${environment} ${told(parked.run)}`,
  ].join('\n');
};

/** What waits and what was decided, the newest first. */
export const approvalsView = (requests: RequestView[], environment: string, colours: boolean, now: Date): string => {
  const paint = painter(colours);
  if (requests.length === 0) return `Nothing was ever put to approvers in ${environment}.`;
  return requests
    .map((it) => {
      const open = it.state === 'waiting';
      const good = it.state === 'approved' || it.state === 'resume';
      const state = STATES[it.state] ?? it.state;
      const about = it.hold ? `hold ${it.hold.number}` : `${it.risk} risk, plan ${it.planDigest.slice(0, 12)}`;
      const head = `${paint(open ? 'yellow' : good ? 'green' : 'red', (open && it.hold ? 'held' : state).padEnd(8))}  ${paint('bold', told(it.run))}  ${about}`;
      const votes = it.votes.map((vote) => `  ${voteLine(vote)}`);
      const rest = open ? (it.hold ? held(it, it.hold) : waiting(it, now)) : [`  ${told(it.sentence)}`];
      return [head, ...(it.hold ? [] : what(it.plan)), ...rest, ...votes].join('\n');
    })
    .join('\n');
};

const STATES: Record<string, string> = { resume: 'resumed', revert: 'reverted', abandon: 'abandoned' };

const held = (it: PublicView, hold: NonNullable<PublicView['hold']>): string[] => [
  `  ${hold.wave === 0 ? 'before its first wave' : `after wave ${hold.wave}`}: ${told(hold.reason)}`,
  `  so far ${hold.soFar || 'nothing was begun'}; expires ${it.expiresAt} and counts as abandoned then`,
  ...Object.entries(hold.answers).map(([answer, does]) => `  ${`${answer},`.padEnd(8)} ${said(it, answer)}: ${does}`),
  ...(hold.canRevert ? [] : ['  It can’t be reverted: not every migration has a down file.']),
  ...it.barred.map(({ person, because }) => `  ${told(person)}, who ${because}, can only abandon it`),
];

const said = ({ votes, quorum, approvers }: PublicView, answer: string): string => {
  if (answer === 'abandon') return 'one person is enough';
  const standing = votes.filter(({ decision, withdrawnAt }) => decision === answer && !withdrawnAt).length;
  return `${standing} of ${quorum}${approvers.length > 0 ? `, of ${told(approvers.join(', '))}` : ''}`;
};

/** Every statement, with its lines' numbers in its file, and how dangerous it looks. */
export const statementsView = (plan: PlanView, digest: string, colours: boolean): string => {
  const { migrations, checks = [] } = plan;
  const paint = painter(colours);
  if (plan.restore) return restoreSteps(plan);
  const blocks = migrations.flatMap(({ file, risk, mode, databases, losesRows = [], findings = [], statements }) => [
    `${paint('bold', told(file))}  ${paint(STYLES[risk], `${risk} risk`)}, in ${counted(databases, 'database')}${mode === 'stepwise' ? ', statement by statement' : ''}`,
    ...(losesRows.length > 0 ? [paint('yellow', `      may leave fewer rows in ${told(losesRows.join(', '))}`)] : []),
    ...findings.map((it) => paint(it.excepted ? 'dim' : 'yellow', `      ${findingLine(it)}`)),
    ...statements.flatMap((it) => [
      ...(it.risk === 'low' ? [] : [paint(STYLES[it.risk], `      ${it.risk} risk: ${bare(it.reason)}`)]),
      ...(it.sql === null ? ['      …'] : numbered(`${it.sql};`, it.line)),
    ]),
    '',
  ]);
  const queries = checks.flatMap(({ file, when, sql }) => [
    `${paint('bold', told(file))}  must find no rows ${when === 'both' ? 'before and after' : when}`,
    ...numbered(`${sql};`, 1),
    '',
  ]);
  const cut = migrations.some(({ statements }) => statements.some(({ sql }) => sql === null));
  return [
    ...blocks,
    ...queries,
    ...(cut ? [`Not all fits here: bundles/${digest}.json in the environment's bucket has it.`] : []),
  ]
    .join('\n')
    .trimEnd();
};

/** What lint says, in one line: its place, and the safe way or why it was excepted. */
const findingLine = (it: PlanView['migrations'][number]['findings'][number]): string =>
  told(
    `${it.excepted ? 'excepted' : it.severity} ${it.rule}, ${it.direction === 'down' ? 'way back ' : ''}line ${it.line}: ${it.why}. ${it.excepted ? `Excepted by ${it.excepted.by}: ${it.excepted.reason}` : `Safe: ${it.rewrite}`}`,
  );

/** What a restore does, instead of statements. */
const restoreSteps = ({ steps = [], clusters = [] }: PlanView): string =>
  [
    ...steps.map((step) => `  ${step}`),
    '',
    ...clusters.map((it) => `  ${told(it.cluster)}: ${told(it.restored)}, from ${told(it.from)}`),
  ].join('\n');

const STYLES: Record<PlanView['risk'], Style> = { high: 'red', medium: 'yellow', low: 'green' };

const bare = (reason: string): string => reason.replace(/^line \d+ /, '');

/** A text with the numbers that its lines have in their file. */
export const numbered = (sql: string, line: number): string[] =>
  visible(sql)
    .split('\n')
    .map((text, at) => `${String(line + at).padStart(5)} ${text}`.trimEnd());

const what = (plan: PlanView | null | undefined): string[] => {
  if (!plan) return [];
  const { counts, worst, previous } = plan;
  if (plan.restore) return [`  to ${told(plan.what)}`, `  what users notice: ${plan.restore.outage}`];
  const risks = (['high', 'medium', 'low'] as const).filter((risk) => counts[risk] > 0);
  return [
    `  to ${plan.what}, in ${counted(plan.waves, 'wave')}: ${risks.map((risk) => `${counts[risk]} ${risk} risk`).join(', ')}`,
    ...(plan.lint ? [`  lint: ${plan.lint}`] : []),
    ...(plan.drift ?? []).map((it) => `  drift: ${told(it)}`),
    ...(worst ? [`  most dangerous: ${told(worst.file)} line ${worst.line}, ${worst.reason}`] : []),
    ...(previous
      ? [
          `  in ${told(previous.environment)}: ${lasting(previous.milliseconds)} of work, done ${time(previous.endedAt)} for ${told(previous.requestedBy)}`,
        ]
      : []),
  ];
};

const waiting = (it: PublicView, now: Date): string[] => [
  `  started by ${told(it.starter ?? `somebody who says to be ${it.requestedBy}`)}`,
  `  ${it.votes.filter(({ decision, withdrawnAt }) => decision === 'approved' && !withdrawnAt).length} of ${counted(it.quorum, 'approval')}, of ${told(it.approvers.join(', '))}; expires ${until(it.expiresAt, now)}, at ${time(it.expiresAt)}`,
  ...it.barred.map(({ person, because }) => `  not counted: ${told(person)}, who ${because}`),
];
