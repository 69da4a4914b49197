import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Objects } from '../ledger/objects.ts';
import { type ApprovalRequest, answersTo, idOf } from '../ledger/request.ts';
import { firstSeen, getLink, getRequest } from '../ledger/requests.ts';
import { secondsToWait } from './attempts.ts';
import { type Ballot, isExpired } from './cast.ts';
import { type Deciding, decide, tell } from './decide.ts';
import { type Form, isFromElsewhere, MOST_REASON, readForm } from './form.ts';
import { headers } from './headers.ts';
import { isNonceOf, nonceFor, nonceForgottenAfter } from './nonce.ts';
import { migrationPage } from './page/migration-page.ts';
import { type Notice, noticeOf } from './page/notice.ts';
import { requestPage } from './page/request-page.ts';
import { notFound, planChanged, problem, readersOnly, statusOf, tooMany, wentWrong } from './page-refusals.ts';
import { readWhatIsAsked, type WhatIsAsked } from './what-is-asked.ts';

export type PageSurroundings = Deciding & { objects: Objects };

/**
 * The pages where people approve, each by a link of their own. GET and HEAD show and change nothing, whoever sends
 * them: mail scanners and link previews do. Only the form of a page that was opened decides: once, within the hour, and
 * with the environment's name typed. Whoever sends it again is told what holds.
 */
export const approvalApp = (surroundings: () => PageSurroundings): Hono => {
  const app = new Hono();
  app.use(headers);

  app.get('/approvals/:id', async (context) => {
    const it = surroundings();
    const visit = await visitOf(context, it);
    if (!visit) return notFound(context);
    const one = context.req.query('migration');
    if (one === undefined) return show(context, it, visit);
    const asked = await readWhatIsAsked(it.objects, visit.request);
    const page = asked && 'plan' in asked ? migrationPage(visit.request, asked, one) : null;
    return page ? context.html(page) : notFound(context);
  });

  app.post('/approvals/:id', async (context) => {
    const it = surroundings();
    if (isFromElsewhere(context.req.raw.headers)) {
      return problem(
        context,
        403,
        'Not accepted',
        'Another site has sent this. Open the link from your message and decide there.',
      );
    }
    const visit = await visitOf(context, it);
    if (!visit) return notFound(context);
    if (!isVoter(visit)) return readersOnly(context);
    const seconds = await secondsToWait(it.table, visit.link, it.now());
    if (seconds !== null) return tooMany(context, seconds);
    const form = await readForm(context.req.raw);
    if ('status' in form) return problem(context, form.status, form.title, form.text);
    if (!isNonceOf(visit.request, visit.link, form.nonce, it.now())) {
      return problem(
        context,
        403,
        'Not accepted',
        'This form does not belong to this request, or was opened more than an hour ago. Open the link again and decide there.',
      );
    }
    if (!(await firstSeen(it.table, `form ${form.nonce}`, nonceForgottenAfter(it.now())))) {
      return sentTwice(context, it, visit, form);
    }
    if (form.decision === 'tell') {
      const { request, delivery } = await tell(it, visit.request);
      return show(context, it, { ...visit, request }, { notice: noticeOf({ again: true, request, delivery }) });
    }
    return take(context, it, visit, form);
  });

  app.options('/approvals/:id', (context) => context.body(null, 204, { Allow }));
  app.all('/approvals/:id', async (context) => {
    context.header('Allow', Allow);
    return problem(context, 405, 'Not possible', 'A request can be read, and decided with its form. Nothing else.');
  });
  app.notFound(notFound);
  app.onError(wentWrong);
  return app;
};

const Allow = 'GET, HEAD, OPTIONS, POST';

/** Who has come, by which link, to which request. */
type Visit = { link: string; person: string | null; request: ApprovalRequest };

/** Nobody's link is for reading. */
type Voter = Visit & { person: string };

const isVoter = (visit: Visit): visit is Voter => visit.person !== null;

/** The link's hash is what is looked up: how long that takes tells nothing of how much of a guess was right. */
const visitOf = async (context: Context, { table }: Deciding): Promise<Visit | null> => {
  const link = context.req.param('id') ?? '';
  const known = await getLink(table, link);
  const request = known && (await getRequest(table, known.run));
  return request ? { link, person: known.person, request } : null;
};

/** Takes a form that is known to come from the page. What isn't right is said on the page, with what was typed. */
const take = async (context: Context, it: PageSurroundings, visit: Voter, form: Form): Promise<Response> => {
  const again = (field: Notice['field'], text: string) =>
    show(context, it, visit, { status: 400, form, notice: { kind: 'problem', title: 'Nothing decided', text, field } });
  const { environment, planDigest } = visit.request;
  const open = visit.request.outcome === null && !isExpired(visit.request, it.now());
  if (open && form.environment !== environment) {
    return again('environment', `Type the name of the environment, ${environment}, exactly as it stands here.`);
  }
  if (!isDecision(visit.request, form.decision)) {
    return again('decision', visit.request.hold ? 'Choose one of the answers.' : 'Choose Approve or Reject.');
  }
  if (form.reason.length > MOST_REASON) return again('reason', `A reason has at most ${MOST_REASON} characters.`);
  if (!visit.request.hold && !(await readWhatIsAsked(it.objects, visit.request))) return planChanged(context);
  const decided = await decide(it, idOf(visit.request), {
    decision: form.decision,
    identity: { channel: 'mail', person: visit.person },
    reason: form.reason,
    planDigest,
  });
  if (!decided) return notFound(context);
  return show(
    context,
    it,
    { ...visit, request: decided.request },
    { status: statusOf(decided), form: decided.refusal ? form : undefined, notice: noticeOf(decided) },
  );
};

/** A form counts once. Sent again it is told what holds, and the run too should it not have heard it. */
const sentTwice = async (context: Context, it: PageSurroundings, visit: Voter, form: Form): Promise<Response> => {
  const { request } = await tell(it, visit.request);
  const stands = request.votes.some(
    ({ by, decision, withdrawnAt }) =>
      by === visit.person && (withdrawnAt === undefined ? decision : 'withdrawn') === form.decision,
  );
  return show(
    context,
    it,
    { ...visit, request },
    { status: stands ? 200 : 409, notice: noticeOf({ sentTwice: true, stands }) },
  );
};

type Shown = { status?: ContentfulStatusCode; form?: Form | undefined; notice?: Notice };

const show = async (context: Context, it: PageSurroundings, visit: Visit, shown: Shown = {}): Promise<Response> => {
  const { request, link, person } = visit;
  const now = it.now();
  // How a rollout that is held stood is in the request itself.
  const asked = request.hold ? null : await readIfNeeded(it.objects, request);
  if (!asked && !request.hold && request.outcome === null) return planChanged(context);
  const late = request.outcome === null && isExpired(request, now);
  const page = requestPage({
    ...{ request, person, now, asked },
    nonce: nonceFor(request, link, now),
    notice: shown.notice ?? null,
    typed: shown.form ?? null,
  });
  return context.html(page, shown.status ?? (late ? 410 : 200));
};

/** The outcome of what is decided can be read even where the plan is gone. */
const readIfNeeded = (objects: Objects, request: ApprovalRequest): Promise<WhatIsAsked | null> => {
  const read = readWhatIsAsked(objects, request);
  return request.outcome === null ? read : read.catch(() => null);
};

const isDecision = (request: ApprovalRequest, text: string): text is Ballot['decision'] => {
  const { together, alone } = answersTo(request);
  return [...together, alone, 'withdrawn'].includes(text);
};
