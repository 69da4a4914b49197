import { randomBytes } from 'node:crypto';
import { failure } from '../failure.ts';
import type { Run } from '../fleet/fleet.ts';
import type { Hold } from '../ledger/hold.ts';
import { type ApprovalRequest, answersTo, idOf, missingFor } from '../ledger/request.ts';
import { announcement, changeRequest, getRequest, openRequest, putLink } from '../ledger/requests.ts';
import type { Table } from '../ledger/table.ts';
import { type ApprovalPolicy, juryOf, type Origin } from '../policy/approval-policy.ts';
import { expire } from './cast.ts';
import { holdMail } from './hold-mail.ts';
import { requestMail } from './mail.ts';
import type { Asked, Post } from './post.ts';
import { highest, riskOfRestore, summarize, summarizeRestore } from './summary.ts';
import type { WhatIsAsked } from './what-is-asked.ts';

/** The policy asks for more people than there are who may decide; nobody was asked. */
export const TooFewApprovers = failure(
  'TooFewApprovers',
  (it: {
    quorum: number;
    approvers: string[];
    barred: { person: string; because: string }[];
    unknownStarter: boolean;
  }) =>
    [
      `${it.quorum} have to approve, and only ${it.approvers.join(', ') || 'nobody'} may.`,
      ...it.barred.map(({ person, because }) => `${person} ${because}.`),
      ...(it.unknownStarter
        ? ['Nobody announced this run, so one more has to approve than the rule says: start it with lockstep.']
        : []),
    ].join(' '),
);

export type Question = {
  run: Run;
  planDigest: string;
  asked: WhatIsAsked;
  policy: ApprovalPolicy;
  taskToken: string;
  expiresAt: string;
  /** Where it is asked what becomes of a rollout that is held. */
  hold?: Hold;
};

type Surroundings = {
  table: Table;
  post: Post;
  /** Where the pages are. */
  url: string;
  /** Tells the run of an outcome that it has not heard of. */
  deliver: (request: ApprovalRequest) => Promise<unknown>;
  now: () => Date;
};

/**
 * Puts a plan, or a rollout that is held, to the approvers, reminds them, or closes the matter, whichever it is time for. The request stays one,
 * however often the execution begins to wait for it: each time its newest task token takes the place of the last.
 * What was decided while nobody waited is told at once. Gives what it was time for.
 *
 * @throws TooFewApprovers before anybody is asked
 */
export const ask = async (around: Surroundings, question: Question): Promise<Turn> => {
  const { table, now } = around;
  // Who approves is settled when the question is put: what is deployed or announced later changes nothing about it.
  const asked =
    (await getRequest(table, idOf({ run: question.run.run, hold: question.hold }))) ??
    (await openRequest(table, await requestOf(table, question, now())));
  const reminder = asked.taskToken !== question.taskToken;
  const request = await changeRequest(table, idOf(asked), (held) => {
    const current = held.taskToken === question.taskToken ? held : waiting(held, question.taskToken);
    const closed = expire(current, now()) ?? current;
    return closed === held ? null : closed;
  });
  if (!request) throw new Error('the request is not in the ledger, where it was just written');
  if (request.outcome) {
    await around.deliver(request);
    return { turn: 'closed', request };
  }
  // Who was asked can answer without being reminded.
  if (reminder) await send(around, request, question, true).catch(unsent);
  else await send(around, request, question, false);
  return { turn: reminder ? 'reminded' : 'asked', request };
};

/** Whoever waits with a new token has heard nothing yet. A run that was stopped and goes on after all asks again. */
const waiting = (held: ApprovalRequest, taskToken: string): ApprovalRequest => ({
  ...{ ...held, taskToken, deliveredAt: null },
  outcome: held.outcome?.decision === 'stopped' ? null : held.outcome,
});

export type Turn = { turn: 'asked' | 'reminded' | 'closed'; request: ApprovalRequest };

const requestOf = async (table: Table, question: Question, now: Date): Promise<ApprovalRequest> => {
  const { run, asked, planDigest, policy, taskToken, expiresAt, hold } = question;
  const plan = 'restore' in asked ? { ...asked.restore, direction: 'down' as const } : asked.plan;
  const origin = await originOf(table, run);
  const risk = 'restore' in asked ? riskOfRestore(asked.restore) : highest(asked.plan);
  const { approvers, quorum, barred } = juryOf(policy, risk, origin, run.path);
  // A rollout that is held can be abandoned by one person, whoever is left.
  if (approvers.length < quorum && !hold) {
    throw new TooFewApprovers({
      quorum,
      approvers,
      barred,
      unknownStarter: policy.fourEyes && origin.starter === null,
    });
  }
  return {
    run: run.run,
    service: plan.service,
    environment: plan.environment,
    digest: plan.digest,
    planDigest,
    direction: plan.direction,
    risk,
    policy,
    requestedBy: run.requestedBy,
    ...origin,
    approvers,
    quorum,
    barred,
    createdAt: now.toISOString(),
    expiresAt,
    taskToken,
    formKey: randomBytes(32).toString('base64url'),
    version: 1,
    votes: [],
    outcome: null,
    deliveredAt: null,
    slack: null,
    ...(hold ? { hold } : {}),
  };
};

/** An announcement counts if it is of this very bundle. */
const originOf = async (table: Table, { run, digest }: Run): Promise<Origin> => {
  const found = await announcement(table, run);
  return found?.digest === digest ? { starter: found.arn, authors: found.authors } : { starter: null, authors: [] };
};

/**
 * Whoever has approved already is not asked again. A call that is repeated asks twice rather than never. One way to
 * people that fails leaves the others, as long as enough of them hear of it to decide.
 */
const send = async (around: Surroundings, request: ApprovalRequest, question: Question, reminder: boolean) => {
  const { asked } = question;
  const what =
    'restore' in asked
      ? { summary: summarizeRestore(asked.restore), previous: null, reminder }
      : { summary: summarize(asked.plan, asked.bundle, asked.drift), previous: asked.previous, reminder };
  const ways = [
    ...toBeMailed(request).map((name) => ({
      reaches: request.approvers.includes(name) ? [name] : [],
      sent: mailTo(around, request, name, what),
    })),
    ...(request.policy.slack === null ? [] : [{ reaches: inSlack(request), sent: askInSlack(around, request, what) }]),
  ];
  const ended = await Promise.allSettled(ways.map(({ sent }) => sent));
  const failed = ended.filter((it) => it.status === 'rejected');
  const reached = new Set(ways.flatMap(({ reaches }, at) => (ended[at]!.status === 'fulfilled' ? reaches : [])));
  if (failed.length > 0 && reached.size < stillNeeded(request)) throw failed[0]!.reason;
  for (const { reason } of failed) unsent(reason);
};

/** By the answer that has the most words for it. */
const stillNeeded = (request: ApprovalRequest): number =>
  Math.min(...answersTo(request).together.map((answer) => missingFor(request, answer)));

/** A webhook's message is for the whole channel; in an app's, only people of the workspace can answer. */
const inSlack = ({ policy, approvers }: ApprovalRequest): string[] =>
  policy.people
    .filter(({ name, slack }) => approvers.includes(name) && (policy.slack?.mode === 'webhook' || slack !== undefined))
    .map(({ name }) => name);

type What = Omit<Asked, 'link'>;

/** Of a rollout that is held everybody hears: whoever may not let it go on can abandon it. */
const toBeMailed = ({ policy, approvers, votes, hold }: ApprovalRequest): string[] => {
  const voted = new Set(votes.filter(({ withdrawnAt }) => !withdrawnAt).map(({ by }) => by));
  const asked = policy.people.filter(
    ({ name, mail }) => mail !== undefined && (hold !== undefined || approvers.includes(name)),
  );
  return asked.map(({ name }) => name).filter((name) => !voted.has(name));
};

const mailTo = async (around: Surroundings, request: ApprovalRequest, person: string, what: What): Promise<void> => {
  const link = await linkFor(around, idOf(request), person);
  const { hold } = request;
  const it = { ...what, link, now: around.now() };
  const mail = hold ? holdMail({ ...request, hold }, person, it) : requestMail(request, person, it);
  await around.post.mail([person], mail);
};

const askInSlack = async (around: Surroundings, request: ApprovalRequest, what: What): Promise<void> => {
  const { table, post } = around;
  const posted = await post.ask(request, { ...what, link: await linkFor(around, idOf(request), null) });
  if (!posted) return;
  const held = await changeRequest(table, idOf(request), (it) => (it.slack ? null : { ...it, slack: posted }));
  // Who decided by mail meanwhile found no message to bring up to date.
  if (held && (held.votes.length !== request.votes.length || held.outcome)) await post.update(held);
};

const linkFor = async ({ table, url, now }: Surroundings, id: string, person: string | null): Promise<string> =>
  `${url}/approvals/${await putLink(table, { run: id, person, createdAt: now().toISOString() })}`;

const unsent = ({ name }: Error): void =>
  console.error(JSON.stringify({ level: 'ERROR', error: name, message: 'not everybody could be asked or reminded' }));
