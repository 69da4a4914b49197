import { type Control, controlOf, RunAbandoned, RunNotAtWork, setControl } from '../ledger/control.ts';
import { type ApprovalRequest, idOf } from '../ledger/request.ts';
import { announcement, getRequest, holdsOf } from '../ledger/requests.ts';
import { type RunRecord, runRecord } from '../ledger/runs.ts';
import type { Table } from '../ledger/table.ts';
import { type ApprovalPolicy, anybodyByIam, type Identity, identify, juryOf } from '../policy/approval-policy.ts';
import { isExpired } from './cast.ts';
import { type Decided, type Deciding, decide } from './decide.ts';
import { wake } from './wake.ts';

/** What is said to a run that is at work, by somebody whom IAM has proven. */
export type Wish = {
  order: 'pause' | 'resume' | 'revert' | 'abandon';
  identity: Identity & { channel: 'iam' };
  reason: string;
  /** Digest of the rollout as they were shown it, where it is held. */
  shown: string;
};

/** How a run stands for whoever wants to tell it something. `hold` is the one that waits for a decision. */
export type Standing = { run: string; control: Control; hold: ApprovalRequest | null };

export type Obeyed = Standing &
  (
    | { result: 'ordered' | 'repeated'; decided: Decided | null; refusal?: never }
    | { result: 'refused'; refusal: { code: string; sentence: string } }
  );

type Surroundings = Deciding & { policy: () => Promise<ApprovalPolicy | null> };

/** Undefined where the ledger knows no such run. */
export const standingOf = async (table: Table, run: string, now: Date): Promise<Standing | undefined> => {
  if (!(await runRecord(table, run))) return undefined;
  const [control, holds] = await Promise.all([controlOf(table, run), holdsOf(table, run)]);
  const open = holds.find((it) => it.outcome === null && !isExpired(it, now));
  return { run, control, hold: open ?? null };
};

/**
 * Does what is wished of a run, if its author may: whoever the policy names, and who started the run, may pause and
 * abandon it alone, since that changes nothing any more; to let it go on takes those who approve. What is held is
 * decided as all its requests are. Undefined where the ledger knows no such run.
 */
export const order = async (it: Surroundings, run: string, wish: Wish): Promise<Obeyed | undefined> => {
  const record = await runRecord(it.table, run);
  const standing = record && (await standingOf(it.table, run, it.now()));
  if (!record || !standing) return undefined;
  const refuse = (code: string, sentence: string): Obeyed => ({
    ...standing,
    result: 'refused',
    refusal: { code, sentence },
  });
  if (record.restores !== undefined) {
    return refuse('IsARestore', `${run} is a restore, which takes no orders. To end it, stop its execution.`);
  }
  const { hold, control } = standing;
  const again = async (): Promise<Standing> => (await standingOf(it.table, run, it.now())) ?? standing;
  if (hold && wish.order !== 'pause' && wish.order !== 'abandon') {
    return { ...asObeyed(await vote(it, hold, wish)), ...(await again()) };
  }
  if (record.status !== 'RUNNING') return refuse('RunNotAtWork', `${run} has ended.`);
  if (wish.order === 'revert') return refuse('NotHeld', `${run} is at work and not held. ${revertLater}`);
  const rules = (await it.policy()) ?? anybodyByIam;
  const stops = wish.order !== 'resume';
  if (stops && wish.reason.trim() === '') {
    return refuse('ReasonNeeded', 'Say why, with --reason: everybody who finds the run standing still reads it.');
  }
  const { by, refusal } = stops
    ? whoStops(rules, record, wish, await starterOf(it.table, record))
    : await whoResumes(it.table, rules, record, wish, control);
  if (refusal) return refuse(refusal.code, refusal.sentence);
  if (wish.order === 'pause' && hold) {
    return refuse(
      'HeldAlready',
      `${run} is held already: ${hold.hold?.reason ?? ''}. It goes on when people say resume.`,
    );
  }
  if (wish.order === 'abandon' && (await waitsForApproval(it.table, run, it.now()))) {
    return refuse('WaitingForApproval', `${run} waits for approval and has changed nothing. Reject it.`);
  }
  try {
    const at = it.now().toISOString();
    const held = await setControl(it.table, run, { state: STATES[wish.order], by, reason: wish.reason.trim(), at });
    const repeated = held.by !== by || held.at !== at;
    // Written first: should the run be put on hold in this moment, its function finds the order.
    const newest = (await again()).hold;
    const decided =
      wish.order === 'abandon' && newest ? await vote(it, newest, { ...wish, shown: newest.planDigest }) : null;
    if (wish.order === 'abandon' && !newest) await wake(it, run, { abandoned: true });
    return { ...(await again()), result: repeated ? 'repeated' : 'ordered', decided: decided ?? null };
  } catch (error) {
    if (!(error instanceof RunNotAtWork) && !(error instanceof RunAbandoned)) throw error;
    return refuse(error.name, error.message);
  }
};

const STATES = { pause: 'paused', resume: 'going', abandon: 'abandoned' } as const;

const revertLater = 'What a run has applied can be reverted once it is held or has ended.';

const vote = (it: Deciding, hold: ApprovalRequest, { order, identity, reason, shown }: Wish) =>
  decide(it, idOf(hold), {
    decision: order as Exclude<Wish['order'], 'pause'>,
    identity,
    reason: reason.slice(0, 1000),
    planDigest: shown,
  });

const asObeyed = (decided: Decided | undefined) => {
  if (!decided) throw new Error('the hold is not in the ledger, where it was just read');
  if (decided.result === 'refused') return { result: 'refused' as const, refusal: decided.refusal };
  return { result: decided.result === 'repeated' ? ('repeated' as const) : ('ordered' as const), decided };
};

type Who = { by: string; refusal?: never } | { by?: never; refusal: { code: string; sentence: string } };

const refused = (code: string, sentence: string): Who => ({ refusal: { code, sentence } });

const whoStops = (rules: ApprovalPolicy, { run }: RunRecord, { identity }: Wish, starter: string | null): Who => {
  const by = identify(rules, identity)?.name ?? (identity.arn === starter ? identity.arn : undefined);
  return by === undefined
    ? refused('UnknownPerson', `${identity.arn} has not started ${run}, and is nobody whom the policy names.`)
    : { by };
};

/** Where several have to, they are asked as soon as the run is held: words without a question can't be counted. */
const whoResumes = async (
  table: Table,
  rules: ApprovalPolicy,
  record: RunRecord,
  { identity }: Wish,
  { state }: Control,
): Promise<Who> => {
  const { run } = record;
  if (state !== 'paused') return refused('NotHeld', `${run} is ${state}: it is neither paused nor held.`);
  const person = identify(rules, identity);
  if (!person) return refused('UnknownPerson', `${identity.arn} is nobody whom the policy names.`);
  if (rules.people.length === 0) return { by: person.name };
  const found = await announcement(table, run);
  const origin = { starter: await starterOf(table, record), authors: found?.authors ?? [] };
  const risk = (await getRequest(table, run))?.risk ?? 'high';
  const { approvers, quorum, barred } = juryOf(rules, risk, origin, record.path);
  const own = barred.find((it) => it.person === person.name);
  if (own) return refused('FourEyes', `${person.name} ${own.because}, so somebody else has to let it go on.`);
  if (!approvers.includes(person.name))
    return refused('NotAnApprover', `${person.name} is not among those who let it go on: ${approvers.join(', ')}.`);
  return quorum === 1
    ? { by: person.name }
    : refused(
        'NotHeldYet',
        `${quorum} people have to say resume. They are asked as soon as what is under way has ended: ${run} is held then.`,
      );
};

const starterOf = async (table: Table, { run, digest }: RunRecord): Promise<string | null> => {
  const found = await announcement(table, run);
  return found?.digest === digest ? found.arn : null;
};

const waitsForApproval = async (table: Table, run: string, now: Date): Promise<boolean> => {
  const request = await getRequest(table, run);
  return request !== undefined && request.outcome === null && !isExpired(request, now);
};
