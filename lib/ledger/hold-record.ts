import { type ApprovalRequest, type Outcome, outcomeSentence, type Vote } from './request.ts';

/** One time that a rollout was held, for its report. */
export type HoldRecord = {
  /** 1 for the first of a run. */
  number: number;
  /** After which wave; 0 before the first. */
  wave: number;
  /** Why it was halted, in a sentence. */
  reason: string;
  heldAt: string;
  /** What was decided and when; null where the run ended before anything was. */
  outcome: Outcome | null;
  /** `resumed by Ada, Berta: known since Monday` */
  sentence: string;
  /** All that was said of it, withdrawn or not. */
  votes: Vote[];
};

/** Of all that was asked about a run, its holds, the first one first. */
export const holdRecords = (requests: ApprovalRequest[]): HoldRecord[] =>
  requests
    .flatMap((request) => {
      const { hold, createdAt: heldAt, outcome, votes } = request;
      if (!hold) return [];
      const { number, wave, reason } = hold;
      return [{ number, wave, reason, heldAt, outcome, sentence: outcomeSentence(request), votes }];
    })
    .toSorted((a, b) => a.number - b.number);

/** `held after wave 2: 2 databases failed in wave 2 (rest), and 1 may` */
export const heldWhy = ({ wave, reason }: Pick<HoldRecord, 'wave' | 'reason'>): string =>
  `held ${wave === 0 ? 'before its first wave' : `after wave ${wave}`}: ${reason}`;
