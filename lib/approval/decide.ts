import { type Answered, type ApprovalRequest, idOf, type Vote } from '../ledger/request.ts';
import { changeRequest, getRequest } from '../ledger/requests.ts';
import type { Table } from '../ledger/table.ts';
import { type Ballot, type Cast, cast, type Refusal } from './cast.ts';
import { controlAsDecided } from './hold-control.ts';
import { type Delivery, isWaiting, type StepFunctions, sendOutcome } from './send-outcome.ts';

/** What a decision is made with. */
export type Deciding = {
  table: Table;
  sfn: StepFunctions;
  now: () => Date;
  /** Tells others of a request that has changed, as the message in Slack; that it fails changes nothing. */
  changed?: (request: ApprovalRequest) => Promise<void>;
};

/** What became of a ballot, and the request as it stands afterwards. */
export type Decided = Told &
  (
    | { result: Exclude<Cast['result'], 'refused'>; vote: Vote; refusal?: never }
    | { result: 'refused'; refusal: Refusal | NotWaiting }
  );

/** Delivery is null while there is nothing to tell the run, or where it was told before. */
export type Told = { request: ApprovalRequest; delivery: Delivery | null };

export type NotWaiting = { code: 'NotWaiting'; sentence: string };

/**
 * Counts a ballot on the request of that id, by whatever channel it came; undefined where nothing is asked. First it is written down, if
 * nobody was faster; then, once there is an outcome, the run is told. Whoever dies in between is made good by the next
 * call for the same run: until the run is known to have been told, each one tells it.
 *
 * @throws RequestContended, OutcomeNotSent
 */
export const decide = async (it: Deciding, id: string, ballot: Ballot): Promise<Decided | undefined> => {
  const seen = await getRequest(it.table, id);
  if (!seen) return undefined;
  if ('request' in cast(seen, ballot, it.now()) && !(await takesAnswer(it, seen))) {
    return { result: 'refused', refusal: notWaiting, request: seen, delivery: null };
  }
  let last: Cast | undefined;
  const held = await changeRequest(it.table, id, (request) => {
    last = cast(request, ballot, it.now());
    return 'request' in last ? last.request : null;
  });
  if (!held || !last) return undefined;
  const told = await tell(it, held);
  if ('request' in last || told.delivery === 'sent') await it.changed?.(told.request).catch(untold);
  return last.result === 'refused'
    ? { ...told, result: last.result, refusal: last.refusal }
    : { ...told, result: last.result, vote: last.vote };
};

/**
 * Sends the outcome to the run, if there is one and the run isn't known to have heard it; decides nothing.
 *
 * @throws OutcomeNotSent
 */
export const tell = async ({ table, sfn, now }: Deciding, request: ApprovalRequest): Promise<Told> => {
  if (!isAnswered(request) || request.deliveredAt !== null) return { request, delivery: null };
  if (request.hold) await controlAsDecided(table, request);
  const delivery = await sendOutcome(sfn, request);
  if (delivery !== 'sent') {
    // Whoever was faster may have noted it just now.
    const newest = (await getRequest(table, idOf(request))) ?? request;
    return { request: newest, delivery: newest.deliveredAt === null ? delivery : null };
  }
  const noted = await changeRequest(table, idOf(request), (newest) =>
    newest.deliveredAt === null ? { ...newest, deliveredAt: now().toISOString() } : null,
  );
  return { request: noted ?? request, delivery };
};

const notWaiting: NotWaiting = {
  code: 'NotWaiting',
  sentence:
    'Nobody waits for this: the run was stopped or has ended, or is about to ask again. Nothing was recorded. Should it ask again, open this request once more in a minute.',
};

/**
 * Not waiting is no obstacle where the request has its outcome meanwhile, since nothing is recorded then; and a
 * reminder makes the run wait with a new token.
 */
const takesAnswer = async ({ table, sfn }: Deciding, seen: ApprovalRequest): Promise<boolean> => {
  if (await isWaiting(sfn, seen)) return true;
  const newer = await getRequest(table, idOf(seen));
  if (!newer) return false;
  return newer.outcome !== null || (newer.taskToken !== seen.taskToken && isWaiting(sfn, newer));
};

/** A run that was stopped waits for no answer. */
const isAnswered = (request: ApprovalRequest): request is ApprovalRequest & { outcome: Answered } =>
  request.outcome !== null && request.outcome.decision !== 'stopped';

const untold = ({ name }: Error): void =>
  console.error(JSON.stringify({ level: 'ERROR', error: name, message: 'others could not be told of a decision' }));
