import { type ApprovalRequest, outcomeSentence, standingVotes } from '../../ledger/request.ts';
import { lasting, line, type Previous, readable } from '../mail.ts';
import { counted, type Summary } from '../summary.ts';

/** One of Slack's Block Kit blocks. https://docs.slack.dev/reference/block-kit/blocks */
export type Block = { type: string; [member: string]: unknown };

/** What a button carries: which run, and the plan that was shown with it. Never the task token. */
export type ButtonValue = { run: string; planDigest: string };

export const APPROVE = 'lockstep_approve';
export const REJECT = 'lockstep_reject';
export const VIEW = 'lockstep_view';

/** What stays the same of a question, whoever answers. */
export const questionBlocks = (
  request: ApprovalRequest,
  { summary, previous, link }: { summary: Summary; previous: Previous | null; link: string },
): Block[] => [
  {
    type: 'header',
    text: {
      type: 'plain_text',
      text: clip(`${request.service} · ${request.environment.toUpperCase()}`, 150),
      emoji: false,
    },
  },
  section(`${starter(request)} asks to *${escaped(summary.what)}*, in ${counted(summary.waves, 'wave')}.`),
  {
    type: 'section',
    fields: [
      field('Risk', `low ${summary.counts.low} · medium ${summary.counts.medium} · high ${summary.counts.high}`),
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
  ...(request.barred.length > 0
    ? [
        context(
          `Not counted: ${request.barred.map(({ person, because }) => `${escaped(person)}, who ${because}`).join('; ')}`,
        ),
      ]
    : []),
  section(`<${link}|Read every statement>  ·  plan \`${request.planDigest.slice(0, 12)}\``),
];

/** The question as it stands: who has said what, and buttons while somebody may still decide. */
export const messageBlocks = (request: ApprovalRequest, fixed: Block[], ended?: string): Block[] => [
  ...fixed,
  ...standingVotes(request).map((vote) =>
    context(
      `${vote.decision === 'approved' ? ':white_check_mark:' : ':x:'} *${vote.decision}* by ${escaped(vote.by)}, ${readable(vote.at)}${vote.reason ? `: ${escaped(clip(vote.reason, 500))}` : ''}`,
    ),
  ),
  ...(request.outcome ? [section(`*${escaped(clip(outcomeSentence(request), 1500))}*`)] : [buttons(request)]),
  ...(ended ? [section(escaped(clip(ended, 1500)))] : []),
];

/** What is shown where blocks are not, as in a notification. */
export const messageText = (request: ApprovalRequest): string =>
  request.outcome
    ? `${request.service} ${request.environment}: ${outcomeSentence(request)}`
    : `${request.service} ${request.environment} waits for approval`;

/** Asks for the reason before a decision counts; what it is about travels with it. */
export const decisionModal = (
  decision: 'approved' | 'rejected',
  { run, planDigest }: ButtonValue,
  { service, environment }: { service: string; environment: string },
) => ({
  type: 'modal',
  callback_id: decision === 'approved' ? APPROVE : REJECT,
  private_metadata: JSON.stringify({ run, planDigest }),
  title: { type: 'plain_text', text: decision === 'approved' ? 'Approve' : 'Reject', emoji: false },
  submit: { type: 'plain_text', text: decision === 'approved' ? 'Approve' : 'Reject', emoji: false },
  close: { type: 'plain_text', text: 'Cancel', emoji: false },
  blocks: [
    section(
      `${decision === 'approved' ? 'Approve' : 'Reject'} run \`${escaped(run)}\` of *${escaped(service)}* in *${escaped(environment.toUpperCase())}*?`,
    ),
    {
      type: 'input',
      block_id: REASON,
      optional: decision === 'approved',
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

const starter = ({ starter, requestedBy }: ApprovalRequest): string =>
  starter === null ? `Somebody who says to be ${escaped(requestedBy)} (not proven)` : escaped(starter);

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

const buttons = ({ run, planDigest, environment }: ApprovalRequest): Block => {
  const value = JSON.stringify({ run, planDigest } satisfies ButtonValue);
  const button = (action_id: string, text: string, style: string) => ({
    type: 'button',
    action_id,
    style,
    value,
    text: { type: 'plain_text', text: clip(text, 75), emoji: false },
  });
  return {
    type: 'actions',
    block_id: 'lockstep_decision',
    elements: [button(APPROVE, `Approve for ${environment}`, 'primary'), button(REJECT, 'Reject', 'danger')],
  };
};

/** Slack takes 3,000 characters in a section, and 2,000 in a field. */
const section = (text: string): Block => ({ type: 'section', text: { type: 'mrkdwn', text: clip(text, 3000) } });
const context = (text: string): Block => ({ type: 'context', elements: [{ type: 'mrkdwn', text: clip(text, 2000) }] });
const field = (name: string, text: string) => ({ type: 'mrkdwn', text: clip(`*${name}*\n${text}`, 2000) });

const clip = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
