import { randomBytes } from 'node:crypto';
import { failure } from '../failure.ts';
import type { Run } from '../fleet/fleet.ts';
import type { ApprovalRequest } from '../ledger/request.ts';
import { announcement, changeRequest, getRequest, openRequest, putLink } from '../ledger/requests.ts';
import type { Table } from '../ledger/table.ts';
import { type ApprovalPolicy, juryOf, type Origin } from '../policy/approval-policy.ts';
import { expire } from './cast.ts';
import { requestMail } from './mail.ts';
import type { Post } from './post.ts';
import { highest, summarize } from './summary.ts';
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
 * Puts a plan to the approvers, reminds them, or closes the matter, whichever it is time for. The request stays one,
 * however often the execution begins to wait for it: each time its newest task token takes the place of the last.
 * What was decided while nobody waited is told at once.
 *
 * @throws TooFewApprovers before anybody is asked
 */
export const ask = async (around: Surroundings, question: Question): Promise<void> => {
  const { table, now } = around;
  // Who approves is settled when the question is put: what is deployed or announced later changes nothing about it.
  const asked =
    (await getRequest(table, question.run.run)) ?? (await openRequest(table, await requestOf(table, question, now())));
  const reminder = asked.taskToken !== question.taskToken;
  const request = await changeRequest(table, asked.run, (held) => {
    // Whoever waits with a new token has heard nothing yet.
    const current =
      held.taskToken === question.taskToken ? held : { ...held, taskToken: question.taskToken, deliveredAt: null };
    const closed = expire(current, now()) ?? current;
    return closed === held ? null : closed;
  });
  if (!request) throw new Error('the request is not in the ledger, where it was just written');
  if (request.outcome) await around.deliver(request);
  // Who was asked can answer without being reminded.
  else if (reminder) await send(around, request, question, true).catch(unreminded);
  else await send(around, request, question, false);
};

const requestOf = async (table: Table, question: Question, now: Date): Promise<ApprovalRequest> => {
  const { run, asked, planDigest, policy, taskToken, expiresAt } = question;
  const { plan } = asked;
  const origin = await originOf(table, run);
  const risk = highest(plan);
  const { approvers, quorum, barred } = juryOf(policy, risk, origin);
  if (approvers.length < quorum) {
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
  };
};

/** An announcement counts if it is of this very bundle. */
const originOf = async (table: Table, { run, digest }: Run): Promise<Origin> => {
  const found = await announcement(table, run);
  return found?.digest === digest ? { starter: found.arn, authors: found.authors } : { starter: null, authors: [] };
};

/** Whoever has approved already is not asked again. A call that is repeated asks twice rather than never. */
const send = async (around: Surroundings, request: ApprovalRequest, question: Question, reminder: boolean) => {
  const { table, post, url, now } = around;
  const { plan, bundle, previous } = question.asked;
  const summary = summarize(plan, bundle);
  const voted = new Set(request.votes.filter(({ withdrawnAt }) => !withdrawnAt).map(({ by }) => by));
  for (const person of request.policy.people.filter(
    ({ name }) => request.approvers.includes(name) && !voted.has(name),
  )) {
    if (person.mail === undefined) continue;
    const id = await putLink(table, { run: request.run, person: person.name, createdAt: now().toISOString() });
    const link = `${url}/approvals/${id}`;
    await post.mail(
      [person.name],
      requestMail(request, person.name, { summary, previous, link, reminder, now: now() }),
    );
  }
  if (request.policy.slack === null) return;
  const viewing = await putLink(table, { run: request.run, person: null, createdAt: now().toISOString() });
  const link = `${url}/approvals/${viewing}`;
  const posted = await post.ask(request, { summary, previous, reminder, link });
  if (!posted) return;
  const held = await changeRequest(table, request.run, (it) => (it.slack ? null : { ...it, slack: posted }));
  // Who decided by mail meanwhile found no message to bring up to date.
  if (held && (held.votes.length !== request.votes.length || held.outcome)) await post.update(held);
};

const unreminded = ({ name }: Error): void =>
  console.error(JSON.stringify({ level: 'ERROR', error: name, message: 'a reminder could not be sent' }));
