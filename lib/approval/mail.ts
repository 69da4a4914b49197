import type { ApprovalRequest, Vote } from '../ledger/request.ts';
import { outcomeSentence } from '../ledger/request.ts';
import { counted, type Summary } from './summary.ts';

/** A mail by SNS: plain text, since SNS sends no other; a subject of fewer than 100 characters without line breaks. */
export type Mail = { Subject: string; Message: string };

/** How the same bundle fared in the environment before. */
export type Previous = {
  environment: string;
  run: string;
  endedAt: string;
  requestedBy: string;
  approvedBy: string[];
  /** Of all databases together, and the longest of each migration where that is known. */
  milliseconds: number;
  migrations: { id: string; milliseconds: number }[];
};

/** Asks one person, by a link of their own. */
export const requestMail = (
  request: ApprovalRequest,
  person: string,
  it: { summary: Summary; previous: Previous | null; link: string; reminder: boolean; now: Date },
): Mail => {
  const { summary, previous, link, reminder, now } = it;
  const { service, environment } = request;
  const high = summary.counts.high > 0 ? `, ${summary.counts.high} high risk` : '';
  const ask = reminder ? 'Still waiting' : 'Approve';
  return {
    Subject: subject(`${ask}: ${service} ${environment}, ${plain(summary.what)}${high}`),
    Message: paragraphs(
      `${told(person)},`,
      `${starter(request)} asks to ${summary.what}\nof ${told(service)} in ${told(environment).toUpperCase()}${summary.restore ? '' : `, in ${counted(summary.waves, 'wave')}`}.`,
      summary.restore
        ? `What users notice: ${told(summary.restore.outage)}`
        : `  ${(['low', 'medium', 'high'] as const).map((risk) => `${risk} ${summary.counts[risk]}`).join('    ')}${summary.lint === '' ? '' : `\n  lint: ${summary.lint}`}`,
      summary.worst &&
        `The most dangerous statement, ${told(summary.worst.file)} line ${summary.worst.line}, ${summary.worst.reason}:\n${indented(summary.worst.sql)}`,
      before(previous),
      waveless(summary.unmatched),
      drifted(summary.drift),
      `Read every ${summary.restore ? 'step' : 'statement'} and decide before ${readable(request.expiresAt)} (${until(request.expiresAt, now)}):\n${link}${proof(request)}`,
      `${request.quorum === 1 ? 'One approval is' : `${request.quorum} approvals are`} needed, of ${request.approvers.map(told).join(', ')}.${barred(request)}`,
      `The link is yours: by it, it is you who decides. Don't pass it on. Opening it decides nothing.\nRun ${told(request.run)}, plan ${request.planDigest.slice(0, 12)}.`,
    ),
  };
};

/** Tells everybody that a run has begun to work on the fleet. */
export const startMail = (it: {
  service: string;
  environment: string;
  run: string;
  requestedBy: string;
  what: string;
  /** What was changed without a migration, in sentences. */
  drift?: string[];
}): Mail => ({
  Subject: subject(`Started: ${it.service} ${it.environment}, ${plain(it.what)}`),
  Message: paragraphs(
    `${told(it.requestedBy)} has begun to ${it.what}\nof ${told(it.service)} in ${told(it.environment)}.`,
    drifted(it.drift),
    `Run ${told(it.run)}.`,
  ),
});

const waveless = (unmatched: string[] = []): string | null =>
  unmatched.length === 0 ? null : `Waves without clusters:\n${unmatched.map((it) => `    ${told(it)}.`).join('\n')}`;

const drifted = (drift: string[] = []): string | null =>
  drift.length === 0 ? null : `Drift in the fleet:\n${drift.map((it) => `    ${told(it)}.`).join('\n')}`;

/** `migrated` databases; null where nobody knows. */
export type Result = {
  status: string;
  failure: { error: string; cause: string } | null;
  migrated: number | null;
  /** The run that was taken back. */
  revert?: string | null;
  /** What was done, in place of how many databases were reached. */
  done?: string;
};

/** Tells everybody how a run ended, and on whose word. */
export const resultMail = (
  { service, environment, run }: { service: string; environment: string; run: string },
  result: Result,
  request: ApprovalRequest | null,
): Mail => {
  const title =
    request?.outcome && request.outcome.decision !== 'approved' && request.outcome.decision !== 'stopped'
      ? request.outcome.decision.toUpperCase()
      : result.status;
  const done = result.revert ? `taken back to before run ${told(result.revert)}` : 'migrated';
  return {
    Subject: subject(`${title}: ${service} ${environment}`),
    Message: paragraphs(
      `Run ${told(run)} of ${told(service)} in ${told(environment)} ended: ${title}.`,
      reached(result, done),
      result.failure && `${told(result.failure.error)}:\n${quoted(result.failure.cause)}`,
      request && `Approval: ${told(outcomeSentence(request))}.\n${votes(request)}`,
    ),
  };
};

const reached = ({ done: told, migrated }: Result, done: string): string => {
  if (told !== undefined) return quoted(told);
  return migrated === null
    ? 'How many databases were reached is not known.'
    : `${counted(migrated, 'database')} ${done}.`;
};

/** Tells everybody at once that somebody let a run go ahead alone, or outside of its window. */
export const breakGlassMail = (request: ApprovalRequest, vote: Vote): Mail => ({
  Subject: subject(`GLASS BROKEN: ${request.service} ${request.environment}, by ${vote.by}`),
  Message: paragraphs(
    `${told(vote.by)} has let run ${told(request.run)} of ${told(request.service)} go ahead in ${told(request.environment).toUpperCase()} alone,\n${vote.forWindow ? 'before its window opens.' : `without the ${counted(request.quorum, 'approval')} that the policy asks for.`}`,
    `Reason: ${told(vote.reason)}`,
    'If that was not agreed, stop the execution and look at what it did.',
  ),
});

/** Who writes a line of their own into a mail could write a link of their own. */
export const line = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

/** What others have written: in one line, and no part of it what a mail program makes a link of. */
export const told = (text: string): string =>
  line(text)
    .replaceAll('://', ': //')
    .replace(/\bwww\./gi, 'www .');

const quoted = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((it) => `    ${told(it)}`)
    .join('\n');

/** `21 Nov 2026, 05:59 UTC` */
export const readable = (iso: string): string => {
  const [, , day, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) (\d\d:\d\d)/.exec(new Date(iso).toUTCString()) ?? [];
  return `${Number(day)} ${month} ${year}, ${time} UTC`;
};

/** `in 3 h 12 min` */
export const until = (iso: string, now: Date): string => {
  const minutes = Math.max(0, Math.floor((new Date(iso).getTime() - now.getTime()) / 60_000));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (days > 0) return `in ${days} d ${hours} h`;
  return hours > 0 ? `in ${hours} h ${rest} min` : `in ${rest} min`;
};

/** `4.3 s`, `2 min 5 s` */
export const lasting = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

export const starter = ({ starter, requestedBy }: ApprovalRequest): string =>
  starter === null ? `Somebody who says to be ${told(requestedBy)} (not proven)` : told(starter);

const proof = ({ policy, environment, run }: ApprovalRequest): string =>
  policy.mailLinkIsEnough
    ? ''
    : `\nThis link does not prove who opens it: reject by it, but approve ${policy.slack?.mode === 'app' ? 'in Slack, or ' : ''}with\nlockstep approve ${told(environment)} ${told(run)}`;

export const barred = ({ barred }: ApprovalRequest): string =>
  barred.length === 0
    ? ''
    : `\nNot counted: ${barred.map(({ person, because }) => `${told(person)}, who ${because}`).join('; ')}.`;

const before = (previous: Previous | null): string | null => {
  if (previous === null) return null;
  const approved = previous.approvedBy.length > 0 ? `, approved by ${previous.approvedBy.map(told).join(', ')}` : '';
  return `In ${told(previous.environment)} it took ${lasting(previous.milliseconds)} of work, done on ${readable(previous.endedAt)}\n(run ${told(previous.run)} by ${told(previous.requestedBy)}${approved}).`;
};

const votes = (request: ApprovalRequest): string =>
  request.votes
    .map(
      (it) =>
        `  ${it.decision} by ${told(it.by)} at ${readable(it.at)}, ${told(it.identity)} (${it.assurance} assurance)${it.withdrawnAt ? ', withdrawn' : ''}${it.reason ? `: ${told(it.reason)}` : ''}`,
    )
    .join('\n');

/** Nobody reads more of a statement in a mail: the page shows all. */
const MOST_LINES = 8;

const indented = (sql: string): string => {
  const lines = sql.split(/\r?\n/);
  const shown = lines.slice(0, MOST_LINES).map((it) => `    ${told(it).slice(0, 300)}`);
  return lines.length > MOST_LINES
    ? [...shown, `    … ${lines.length - MOST_LINES} more lines`].join('\n')
    : shown.join('\n');
};

export const paragraphs = (...all: (string | null)[]): string =>
  `${all.filter((it) => it !== null && it !== '').join('\n\n')}\n`;

const plain = (what: string): string => what.replace(/ in \d+ clusters?$/, '');

/** ASCII, as the API asks; cut below SNS's 100 characters. */
export const subject = (text: string): string =>
  line(text)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 99);
