import { clip } from '../../fleet/texts.ts';
import type { Hold } from '../../ledger/hold.ts';
import { type ApprovalRequest, answersTo } from '../../ledger/request.ts';
import { consequence, noWayBack, placeOf, tally, when } from '../hold-words.ts';
import { readable } from '../mail.ts';
import { counted } from '../summary.ts';
import { type Block, escaped, field, header, notCounted, section, starter } from './blocks.ts';

/** Nobody reads more of them in a channel: the page shows them. */
const MOST_FAILURES = 3;

/** What stays the same of the question what becomes of a rollout. */
export const holdBlocks = (request: ApprovalRequest, hold: Hold, link: string): Block[] => {
  const { together, alone } = answersTo(request);
  const shown = hold.failures.slice(0, MOST_FAILURES);
  const more = hold.failures.length - shown.length + hold.moreFailures;
  const failures = shown.map(
    (it) =>
      `• *${escaped(`${it.cluster}/${it.database}`)}* ${[placeOf(it), clip(it.message, 300)].filter(Boolean).map(escaped).join(': ')}`,
  );
  return [
    header(`Held: ${request.service} · ${request.environment.toUpperCase()}`),
    section(`The rollout is held ${when(hold)}: *${escaped(clip(hold.reason, 1500))}*`),
    {
      type: 'section',
      fields: [
        field('So far', escaped(tally(hold)) || 'nothing was begun'),
        field(
          'Needed',
          `${request.quorum} of ${request.approvers.map(escaped).join(', ') || 'nobody'} to ${together.join(' or ')}; one person to abandon`,
        ),
        field('Decide before', readable(request.expiresAt)),
        field('Run', `${escaped(request.run)}, started by ${starter(request)}`),
      ],
    },
    ...(failures.length > 0
      ? [section([...failures, ...(more > 0 ? [`… and ${counted(more, 'more failure')}`] : [])].join('\n'))]
      : []),
    section(
      [
        ...[...together, alone].map((answer) => `*${answer}*: ${escaped(consequence(hold, answer) ?? '')}`),
        ...(hold.canRevert ? [] : [escaped(noWayBack(hold))]),
      ].join('\n'),
    ),
    ...notCounted(request),
    section(`<${link}|Read what happened>  ·  hold ${hold.number}, state \`${request.planDigest.slice(0, 12)}\``),
  ];
};
