import type { Hold } from '../ledger/hold.ts';
import { type ApprovalRequest, answersTo } from '../ledger/request.ts';
import { consequence, noWayBack, placeOf, tally, when } from './hold-words.ts';
import { barred, type Mail, paragraphs, readable, starter, subject, told, until } from './mail.ts';
import { counted } from './summary.ts';

type Held = ApprovalRequest & { hold: Hold };

/** Nobody reads more of them in a mail: the page shows them. */
const MOST_FAILURES = 5;

/** Asks one person what becomes of a rollout that is held, by a link of their own. */
export const holdMail = (request: Held, person: string, it: { link: string; reminder: boolean; now: Date }): Mail => ({
  Subject: subject(
    `${it.reminder ? 'Still held' : 'Held'}: ${request.service} ${request.environment}, ${request.hold.reason}`,
  ),
  Message: paragraphs(
    `${told(person)},`,
    ...story(request),
    `Read what happened and decide before ${readable(request.expiresAt)} (${until(request.expiresAt, it.now)}); after that it counts as abandoned:\n${it.link}${proof(request)}`,
    `${request.quorum === 1 ? 'One person has' : `${request.quorum} people have`} to say resume${request.hold.canRevert ? ' or revert' : ''}, out of ${request.approvers.map(told).join(', ') || 'nobody'}; one is enough to abandon.${barred(request)}`,
    `The link is yours: by it, it is you who decides. Don't pass it on. Opening it decides nothing.\nRun ${told(request.run)}, hold ${request.hold.number}.`,
  ),
});

/** Tells whoever has subscribed where nobody is named who decides: the command line does, by IAM. */
export const openHoldMail = (request: Held, now: Date): Mail => ({
  Subject: subject(`Held: ${request.service} ${request.environment}, ${request.hold.reason}`),
  Message: paragraphs(
    ...story(request),
    `Decide before ${readable(request.expiresAt)} (${until(request.expiresAt, now)}); after that it counts as abandoned. With AWS credentials that may:\n${commands(request)}`,
  ),
});

const story = (request: Held): string[] => {
  const { hold, service, environment, run } = request;
  const { together, alone } = answersTo(request);
  const shown = hold.failures.slice(0, MOST_FAILURES);
  const more = hold.failures.length - shown.length + hold.moreFailures;
  return [
    `The rollout of ${told(service)} in ${told(environment).toUpperCase()} is held ${when(hold)}:\n${told(hold.reason)}`,
    `Run ${told(run)}, started by ${starter(request)}. So far: ${told(tally(hold)) || 'nothing was begun'}.`,
    [
      ...shown.map(
        (it) =>
          `    ${told(`${it.cluster}/${it.database}`)}: ${[placeOf(it), it.message].filter(Boolean).map(told).join(': ').slice(0, 300)}`,
      ),
      ...(more > 0 ? [`    … and ${counted(more, 'more failure')}`] : []),
    ].join('\n'),
    [
      ...[...together, alone].map((answer) => `  ${answer.padEnd(8)} ${consequence(hold, answer) ?? ''}`),
      ...(hold.canRevert ? [] : [`  ${noWayBack(hold)}`]),
    ]
      .map(told)
      .join('\n'),
  ];
};

const proof = (request: Held): string =>
  request.policy.mailLinkIsEnough
    ? ''
    : `\nThis link does not prove who opens it: abandon by it, but ${request.hold.canRevert ? 'resume or revert' : 'resume'} ${request.policy.slack?.mode === 'app' ? 'in Slack, or ' : ''}with\n${commands(request)}`;

const commands = ({ environment, run, hold }: Held): string =>
  [
    `lockstep resume ${told(environment)} ${told(run)}`,
    ...(hold.canRevert ? [`lockstep revert ${told(environment)} ${told(run)}`] : []),
    `lockstep abandon ${told(environment)} ${told(run)} --reason "…"`,
  ].join('\n');
