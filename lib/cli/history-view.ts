import { clipped, type Evidence, remedy } from '../database/doubt.ts';
import type { HistoryEntry, Resolution } from '../database/history.ts';
import { type ParkedRun, parkedView } from './approvals-view.ts';
import { type ArrivingRun, arrivingView } from './arriving-runs.ts';
import type { DatabaseHistory, FleetLine } from './history.ts';
import { painter, type Style } from './output.ts';
import { approvalLines } from './run-approvals.ts';
import { endLines } from './run-ends.ts';
import { time } from './time.ts';
import { told, toldLines } from './told.ts';
import { counted, table } from './words.ts';

type Fleet = Pick<DatabaseHistory, 'approvals' | 'runs'> & {
  environment: string;
  databases: FleetLine[];
  arriving: ArrivingRun[] | null;
  parked: ParkedRun | null;
};

/** A line for each database of a fleet, and the runs that wait there or are parked. */
export const fleetView = ({ environment, databases, arriving, parked, ...runs }: Fleet, colours: boolean): string => {
  const paint = painter(colours);
  const rows = databases.map((it) =>
    'problem' in it
      ? [it.cluster, it.database, '–', '–', '–', '–', `can't be read: ${it.problem}`]
      : [
          ...[it.cluster, it.database, String(it.applied), it.newest ?? '–'],
          ...[
            time(it.at),
            it.run ?? '–',
            it.unsettled.map(({ migration, state }) => `${migration} ${state}`).join(', '),
          ],
        ],
  );
  const [head = '', ...lines] = table([['CLUSTER', 'DATABASE', 'APPLIED', 'NEWEST', 'AT', 'RUN', ''], ...rows], [2]);
  const marked = lines.map((line, at) => (rows[at]?.[6] ? paint('red', line) : line));
  const newest = new Set(databases.map((it) => ('problem' in it ? null : it.newest)));
  const total = `${counted(databases.length, 'database')}, ${newest.size === 1 ? 'all at the same migration' : `${newest.size} different newest migrations`}`;
  const waits = arriving?.length ? [arrivingView(arriving, environment, colours), ''] : [];
  const rests = parked ? [parkedView(parked, environment, colours), ''] : [];
  return [paint('dim', head), ...marked, '', ...aboutRuns(runs, paint), ...waits, ...rests, total].join('\n');
};

/** What one database remembers, newest last. */
export const historyView = (
  { environment, cluster, database, history, resolutions, approvals, runs }: DatabaseHistory,
  colours: boolean,
): string => {
  const paint = painter(colours);
  if (history.length === 0 && resolutions.length === 0)
    return `${told(`${cluster}/${database}`)} has no history: nothing was ever applied`;
  const rows = history.map((it) => [
    it.migration,
    it.name,
    it.state,
    time(it.finishedAt ?? it.startedAt),
    duration(it),
    it.run,
  ]);
  const [head = '', ...lines] = table([['MIGRATION', 'NAME', 'STATE', 'AT', 'TOOK', 'RUN'], ...rows], [4]);
  const shown = lines.flatMap((line, at) => [paintState(line, history[at]!, paint), ...explain(history[at]!)]);
  const overruled = resolutions.flatMap(resolutionLines);
  const applied = history.filter(({ state }) => state === 'applied').length;
  const doubts = history.filter(({ state }) => state === 'in doubt');
  return [
    paint('bold', told(`${cluster}/${database}`)),
    '',
    ...(history.length > 0 ? [paint('dim', head), ...shown, ''] : []),
    ...(overruled.length > 0 ? [paint('dim', 'RESOLUTIONS'), ...overruled, ''] : []),
    ...aboutRuns({ approvals, runs }, paint),
    `${counted(applied, 'migration')} applied`,
    ...doubts.map(({ migration }) => `\n${toldLines(remedy(environment, `${cluster}/${database}`, migration))}`),
  ].join('\n');
};

/** On whose word they went ahead, and which of them did not succeed. */
const aboutRuns = (
  { approvals, runs }: Pick<DatabaseHistory, 'approvals' | 'runs'>,
  paint: ReturnType<typeof painter>,
): string[] => [...section('APPROVALS', approvalLines(approvals), paint), ...section('RUNS', endLines(runs), paint)];

const section = (title: string, lines: string[], paint: ReturnType<typeof painter>): string[] =>
  lines.length > 0 ? [paint('dim', title), ...lines, ''] : [];

const duration = ({ milliseconds }: HistoryEntry): string => {
  if (milliseconds === null) return '–';
  return milliseconds < 10_000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
};

const STYLES: Partial<Record<HistoryEntry['state'], Style>> = {
  failed: 'red',
  'in doubt': 'red',
  running: 'cyan',
  reverting: 'cyan',
  reverted: 'dim',
};

const paintState = (line: string, { state }: HistoryEntry, paint: ReturnType<typeof painter>): string =>
  STYLES[state] ? paint(STYLES[state], line) : line;

/** What went wrong, and how far a stepwise migration has come. */
const explain = ({ failure, state, step, mode }: HistoryEntry): string[] => {
  const lines = [];
  if (failure) {
    const place = failure.statement ? `statement ${failure.statement}: ` : '';
    if (failure.evidence) lines.push(...evidenceLines(failure.evidence));
    else
      lines.push(
        `  ${place}${toldLines(failure.message)}${failure.sqlstate ? ` (SQLSTATE ${told(failure.sqlstate)})` : ''}`,
      );
  }
  if (mode === 'stepwise' && state !== 'applied' && state !== 'reverted')
    lines.push(`  stepwise: ${counted(step, 'statement')} done`);
  return lines;
};

/** All that is known of a statement in doubt; see {@link Evidence}. */
const evidenceLines = ({ sent, lookedAt, serverStarted, before, now }: Evidence): string[] => {
  const index = (it: Evidence['now']) => (it === null ? 'none' : `oid ${it.oid}, ${it.valid ? 'valid' : 'invalid'}`);
  const rows = [
    ['statement', `${sent.statement} of ${sent.steps}${sent.direction === 'down' ? ' of the down file' : ''}`],
    ['text', clipped(sent.text, 160)],
    ['sent by', `${sent.run}, after ${time(sent.at)} and before ${time(sent.deadline)}; no answer was written down`],
    ['its mark', sent.mark],
    ['its session', `gone when looked for at ${time(lookedAt)}`],
    ['its index', before === null && now === null ? 'it has none to tell by' : `${index(before)} → ${index(now)}`],
    [
      'the server',
      serverStarted === sent.serverStarted
        ? `up since ${time(serverStarted)}, before it was sent`
        : `started anew in between, at ${time(serverStarted)} (before: ${time(sent.serverStarted)})`,
    ],
  ];
  return [
    '  nobody knows whether this took effect:',
    ...rows.map(([what, is]) => `    ${what!.padEnd(12)}${told(is!)}`),
  ];
};

const resolutionLines = ({ migration, verdict, statement, reason, ...by }: Resolution): string[] => {
  const what =
    verdict === 'baseline'
      ? `adopted up to ${migration}`
      : `${statement ? `statement ${statement} of ` : ''}${migration} marked as ${verdict}`;
  return [
    `${time(by.resolvedAt)}  ${told(`${what} by ${by.requestedBy} (role ${by.role})`)}`,
    `  ${toldLines(reason)}`,
  ];
};
