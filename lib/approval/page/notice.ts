import {
  type ApprovalRequest,
  missingFor,
  type Outcome,
  outcomeSentence,
  saidIn,
  type Vote,
} from '../../ledger/request.ts';
import type { Decided } from '../decide.ts';
import type { Delivery } from '../send-outcome.ts';
import { count } from './words.ts';

/** What the page says at its top of the form that was just sent. */
export type Notice = {
  kind: 'done' | 'problem';
  title: string;
  text: string;
  /** The field that has to be put right. */
  field?: 'environment' | 'reason' | 'decision';
};

type Told = { again: true; request: ApprovalRequest; delivery: Delivery | null };

export const noticeOf = (it: Decided | Told | { sentTwice: true; stands: boolean }): Notice => {
  if ('sentTwice' in it) return sentTwice(it.stands);
  if ('again' in it) return { kind: 'done', title: 'Told again', text: heard(it.delivery) };
  const { result, refusal, request, delivery } = it;
  if (refusal) {
    return {
      kind: 'problem',
      title: refusal.code === 'NotWaiting' ? 'Nobody waits for this' : 'Nothing decided',
      text: refusal.sentence,
      ...(refusal.code === 'ReasonNeeded' ? { field: 'reason' as const } : {}),
    };
  }
  if (result === 'withdrawn') return { kind: 'done', title: 'Withdrawn', text: 'Your word does not count any more.' };
  const title = result === 'repeated' ? 'As you said before' : 'Recorded';
  return { kind: 'done', title, text: request.outcome ? ended(request, delivery) : missing(request, it.vote) };
};

const ended = (request: ApprovalRequest, delivery: Delivery | null): string => {
  const sentence = outcomeSentence(request);
  const outcome = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  if (delivery === 'not waited for') return `${outcome}. ${heard(delivery)}`;
  return `${outcome}. ${NEXT[request.outcome?.decision ?? 'expired']}`;
};

const NEXT: Record<Outcome['decision'], string> = {
  approved: 'The run goes on.',
  rejected: 'The run ends without having changed anything.',
  resume: 'The rollout goes on.',
  revert: 'The run ends, and what it has applied is taken back.',
  abandon: 'The run ends here.',
  expired: 'The run has ended.',
  stopped: 'The run has ended.',
};

const missing = (request: ApprovalRequest, { decision }: Vote): string => {
  const more = missingFor(request, decision);
  const word = decision === 'approved' ? 'You approve' : `You ${saidIn({ decision })}`;
  const noun = decision === 'approved' ? 'approval' : 'voice';
  return `${word}. ${count(more, `more ${noun}`)} ${more === 1 ? 'is' : 'are'} needed before ${decision === 'approved' ? 'the run goes on' : 'that is done'}.`;
};

const heard = (delivery: Delivery | null): string => {
  if (delivery === 'sent') return 'The run has been told and goes on from here.';
  return delivery === null
    ? 'The run has heard of it before.'
    : 'The run does not wait for it: it was told before, has ended, or is about to ask again and will find it then.';
};

const sentTwice = (stands: boolean): Notice =>
  stands
    ? { kind: 'done', title: 'As you said before', text: 'This form was sent already. What holds stands below.' }
    : {
        kind: 'problem',
        title: 'Nothing decided',
        text: 'This form was sent already, and counts once. What holds stands below; decide here if that is not what you want.',
      };
