import { clip } from '../../fleet/texts.ts';
import {
  type Answer,
  type ApprovalRequest,
  answersTo,
  idOf,
  outcomeSentence,
  standingVotes,
} from '../../ledger/request.ts';
import { consequence } from '../hold-words.ts';
import { lasting, line, type Previous, readable } from '../mail.ts';
import { counted, type Summary } from '../summary.ts';

/** One of Slack's Block Kit blocks. https://docs.slack.dev/reference/block-kit/blocks */
export type Block = { type: string; [member: string]: unknown };

/** What a button carries: which request, by its id, and what was shown with it. Never the task token. */
export type ButtonValue = { run: string; planDigest: string };

export const APPROVE = 'lockstep_approve';
export const REJECT = 'lockstep_reject';
export const VIEW = 'lockstep_view';

/** Each answer by the action that its button and its modal are known by. */
export const ACTIONS: Record<string, Answer> = {
  [APPROVE]: 'approved',
  [REJECT]: 'rejected',
  lockstep_resume: 'resume',
  lockstep_revert: 'revert',
  lockstep_abandon: 'abandon',
};

export const actionOf = (answer: Answer): string => Object.entries(ACTIONS).find(([, it]) => it === answer)?.[0] ?? '';

/** Answers that end the run have to say why. */
export const needsReason = (answer: Answer): boolean => answer === 'rejected' || answer === 'abandon';

/** What stays the same of a question about a plan, whoever answers. */
export const questionBlocks = (
  request: ApprovalRequest,
  { summary, previous, link }: { summary: Summary; previous: Previous | null; link: string },
): Block[] => [
  header(`${request.service} · ${request.environment.toUpperCase()}`),
  section(
    `${starter(request)} asks to *${escaped(summary.what)}*${summary.restore ? '' : `, in ${counted(summary.waves, 'wave')}`}.`,
  ),
  {
    type: 'section',
    fields: [
      summary.restore
        ? field('What users notice', escaped(summary.restore.outage))
        : field('Risk', `low ${summary.counts.low} · medium ${summary.counts.medium} · high ${summary.counts.high}`),
      ...(summary.lint === '' ? [] : [field('Lint', summary.lint)]),
      field(
        'Approvals needed',
        `${request.quorum}, of ${request.approvers.map((name) => called(request, name)).join(', ')}`,
      ),
      field('Decide before', readable(request.expiresAt)),
      field('Run', escaped(request.run)),
      ...(previous
        ? [
            field(
              `In ${escaped(previous.environment)}`,
              `${lasting(previous.milliseconds)} of work, ${readable(previous.endedAt)}`,
            ),
          ]
        : []),
    ],
  },
  ...(summary.worst ? worst(summary.worst) : []),
  ...(summary.unmatched
    ? [section(`*Waves without clusters*\n${escaped(clip(summary.unmatched.join('\n'), 1500))}`)]
    : []),
  ...(summary.drift ? [section(`*Drift in the fleet*\n${escaped(clip(summary.drift.join('\n'), 1500))}`)] : []),
  ...notCounted(request),
  section(
    `<${link}|Read every ${summary.restore ? 'step' : 'statement'}>  ·  plan \`${request.planDigest.slice(0, 12)}\``,
  ),
];

/** The question as it stands: who has said what, and buttons while somebody may still decide. */
export const messageBlocks = (request: ApprovalRequest, fixed: Block[], ended?: string): Block[] => [
  ...fixed,
  ...standingVotes(request).map((vote) =>
    context(
      `${needsReason(vote.decision) ? ':x:' : ':white_check_mark:'} *${vote.decision}* by ${escaped(vote.by)}, ${readable(vote.at)}${vote.reason ? `: ${escaped(clip(vote.reason, 500))}` : ''}`,
    ),
  ),
  ...(request.outcome ? [section(`*${escaped(clip(outcomeSentence(request), 1500))}*`)] : [buttons(request)]),
  ...(ended ? [section(escaped(clip(ended, 1500)))] : []),
];

/** What is shown where blocks are not, as in a notification. */
export const messageText = (request: ApprovalRequest): string =>
  request.outcome
    ? `${request.service} ${request.environment}: ${outcomeSentence(request)}`
    : `${request.service} ${request.environment} ${request.hold ? `is held: ${request.hold.reason}` : 'waits for approval'}`;

/** Asks for the reason before a decision counts; what it is about travels with it. */
export const decisionModal = (
  decision: Answer,
  { run: id, planDigest }: ButtonValue,
  { run, service, environment, hold }: Pick<ApprovalRequest, 'run' | 'service' | 'environment' | 'hold'>,
) => ({
  type: 'modal',
  callback_id: actionOf(decision),
  private_metadata: JSON.stringify({ run: id, planDigest }),
  title: { type: 'plain_text', text: LABELS[decision], emoji: false },
  submit: { type: 'plain_text', text: LABELS[decision], emoji: false },
  close: { type: 'plain_text', text: 'Cancel', emoji: false },
  blocks: [
    section(
      `${LABELS[decision]} run \`${escaped(run)}\` of *${escaped(service)}* in *${escaped(environment.toUpperCase())}*?`,
    ),
    ...(hold ? [section(escaped(consequence(hold, decision) ?? ''))] : []),
    {
      type: 'input',
      block_id: REASON,
      optional: !needsReason(decision),
      label: { type: 'plain_text', text: 'Reason', emoji: false },
      element: { type: 'plain_text_input', action_id: REASON, multiline: true, max_length: 1000 },
    },
  ],
});

export const REASON = 'reason';

/** Slack tells people of a message that mentions them; in an app's workspace they are known by their ids. */
const called = ({ policy }: ApprovalRequest, name: string): string => {
  const id = policy.slack?.mode === 'app' ? policy.people.find((person) => person.name === name)?.slack : undefined;
  return id === undefined ? escaped(name) : `<@${id}>`;
};

/** `&`, `<` and `>` are all that Slack's text markup gives a meaning beyond looks. */
export const escaped = (text: string): string =>
  line(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`]/g, '\u200b$&');

export const starter = ({ starter, requestedBy }: ApprovalRequest): string =>
  starter === null ? `Somebody who says to be ${escaped(requestedBy)} (not proven)` : escaped(starter);

export const notCounted = ({ barred }: ApprovalRequest): Block[] =>
  barred.length > 0
    ? [context(`Not counted: ${barred.map(({ person, because }) => `${escaped(person)}, who ${because}`).join('; ')}`)]
    : [];

const worst = ({ file, line: at, sql, reason }: NonNullable<Summary['worst']>): Block[] => [
  section(`Most dangerous, ${escaped(file)} line ${at}, ${escaped(reason)}:\n\`\`\`${clip(code(sql), 1200)}\`\`\``),
];

/** Nothing inside may end the block of code. */
const code = (sql: string): string =>
  sql
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('```', '\u200b`\u200b`\u200b`');

const LABELS: Record<Answer, string> = {
  approved: 'Approve',
  rejected: 'Reject',
  resume: 'Resume',
  revert: 'Revert',
  abandon: 'Abandon',
};

const buttons = (request: ApprovalRequest): Block => {
  const { planDigest, environment } = request;
  const { together, alone } = answersTo(request);
  const value = JSON.stringify({ run: idOf(request), planDigest } satisfies ButtonValue);
  const button = (answer: Answer, text: string, style?: string) => ({
    type: 'button',
    action_id: actionOf(answer),
    ...(style ? { style } : {}),
    value,
    text: { type: 'plain_text', text: clip(text, 75), emoji: false },
  });
  return {
    type: 'actions',
    block_id: 'lockstep_decision',
    elements: [
      ...together.map((answer, at) =>
        at === 0
          ? button(answer, `${LABELS[answer]} ${request.hold ? 'in' : 'for'} ${environment}`, 'primary')
          : button(answer, LABELS[answer]),
      ),
      button(alone, LABELS[alone], 'danger'),
    ],
  };
};

/** Slack takes 3,000 characters in a section, and 2,000 in a field. */
export const header = (text: string): Block => ({
  type: 'header',
  text: { type: 'plain_text', text: clip(text, 150), emoji: false },
});
export const section = (text: string): Block => ({ type: 'section', text: { type: 'mrkdwn', text: clip(text, 3000) } });
export const context = (text: string): Block => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: clip(text, 2000) }],
});
export const field = (name: string, text: string) => ({ type: 'mrkdwn', text: clip(`*${name}*\n${text}`, 2000) });
