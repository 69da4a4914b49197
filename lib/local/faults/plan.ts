import { failure } from '../../failure.ts';
import { operationsOf, SERVICES } from './operation.ts';

/** What can happen to a call. */
export const KINDS = {
  reset: 'the connection is reset, there is no answer',
  timeout: 'no answer for a long time, then the connection is reset',
  500: 'an internal error',
  503: 'the service is unavailable',
  504: "the gateway's time is up; of the Data API: DatabaseUnavailableException",
  throttling: 'the rate is exceeded',
  accessDenied: 'the caller may not do this',
  resuming: 'DatabaseResumingException, of the Data API only',
  latency: 'it takes longer, latency=250ms',
  crash: 'the Lambda function that makes the call is killed; to any other caller a reset',
} as const;

export type FaultKind = keyof typeof KINDS extends infer Key ? `${Key & (string | number)}` : never;

export type Fault = {
  /** The service's signing name: `rds-data`, `states`, `s3` … */
  service: string;
  /** `ExecuteStatement`, or `*` for all of the service's. */
  operation: string;
  /** Whether the call is carried out first: then its answer is what gets lost. */
  when: 'before' | 'after';
  kind: FaultKind;
  /** With `latency`. */
  milliseconds?: number;
  /** Which of the matching calls it strikes; all of them when left out. `nth` counts from 1. */
  on?: { nth: number } | { every: number } | { chance: number };
};

export type FaultPlan = {
  faults: Fault[];
  /** Of what happens by chance. @default 1 */
  seed?: number;
  /** How long `timeout` keeps a caller waiting. @default 60000, longer than any call of the Data API takes */
  holdMilliseconds?: number;
};

export const FaultPlanInvalid = failure(
  'FaultPlanInvalid',
  (it: { text: string; part: string; reason: string }) =>
    `LOCKSTEP_FAULTS can't be understood at "${it.part}": ${it.reason}. It is a list with commas of service:operation:before|after:kind@which and seed=7, as in ${EXAMPLE}; kinds are ${Object.keys(KINDS).join(', ')}; @3 is the third such call, @/3 every third, @10% one by chance, none is all.`,
);

const EXAMPLE = 'rds-data:ExecuteStatement:after:reset@3,s3:*:before:latency=250ms@10%,seed=7';

/**
 * Reads what the environment variable LOCKSTEP_FAULTS holds: see {@link FaultPlanInvalid} for how it is written.
 * @throws FaultPlanInvalid
 */
export const parseFaults = (text: string): FaultPlan => {
  const plan: FaultPlan = { faults: [] };
  for (const part of text.split(',').map((it) => it.trim())) {
    const refuse = (reason: string): never => {
      throw new FaultPlanInvalid({ text, part, reason });
    };
    if (part.startsWith('seed=')) plan.seed = seed(part.slice(5), refuse);
    else plan.faults.push(fault(part, refuse));
  }
  if (plan.faults.length === 0) throw new FaultPlanInvalid({ text, part: text, reason: 'there is no fault in it' });
  return plan;
};

type Refuse = (reason: string) => never;

const seed = (text: string, refuse: Refuse): number =>
  /^\d{1,9}$/.test(text) ? Number(text) : refuse('a seed is a whole number of up to nine digits');

const fault = (part: string, refuse: Refuse): Fault => {
  const [, service = '', operation = '', when = '', kind = '', amount, which] =
    /^([^:]*):([^:]*):([^:]*):([^:@=]*)(?:=([^:@]*))?(?:@(.*))?$/.exec(part) ??
    refuse('it has not the four parts service:operation:before|after:kind');
  if (!SERVICES.includes(service)) refuse(`services are ${SERVICES.join(', ')}`);
  if (!/^(\*|[A-Z][A-Za-z0-9]*)$/.test(operation)) refuse('an operation is * or a name like ExecuteStatement');
  const known = operationsOf(service);
  if (operation !== '*' && known?.includes(operation) === false)
    refuse(`operations of ${service} are ${known.join(', ')}`);
  if (when !== 'before' && when !== 'after') return refuse('a fault strikes before or after the call is carried out');
  if (!isKind(kind)) return refuse(`"${kind}" is no kind of fault`);
  if (kind === 'resuming' && service !== 'rds-data') refuse('only rds-data can be resuming');
  if (when === 'after' && NOTHING_DONE.has(kind)) refuse(`${kind} means that nothing was done: it strikes before`);
  return {
    ...{ service, operation, when, kind },
    ...latency(kind, amount, refuse),
    ...(which === undefined ? {} : { on: chosen(which, refuse) }),
  };
};

const isKind = (text: string): text is FaultKind => Object.hasOwn(KINDS, text);

/** AWS turns these calls away; an answer of this kind to a call that was carried out would be a lie. */
const NOTHING_DONE = new Set<FaultKind>(['throttling', 'accessDenied', 'resuming']);

const latency = (kind: FaultKind, amount: string | undefined, refuse: Refuse) => {
  if (kind !== 'latency') return amount === undefined ? {} : refuse(`${kind} takes no "=${amount}"`);
  const [, digits, unit] = /^(\d{1,6})(ms|s)$/.exec(amount ?? '') ?? refuse('write the time as latency=250ms or =2s');
  return { milliseconds: Number(digits) * (unit === 's' ? 1_000 : 1) };
};

const chosen = (which: string, refuse: Refuse): NonNullable<Fault['on']> => {
  const [, slash, digits, percent] = /^(\/?)([1-9]\d{0,8})(%?)$/.exec(which) ?? [];
  if (digits === undefined || (slash && percent)) return refuse(`"@${which}" is none of @3, @/3 and @10%`);
  if (slash) return { every: Number(digits) };
  if (!percent) return { nth: Number(digits) };
  return Number(digits) <= 100 ? { chance: Number(digits) / 100 } : refuse('there are no more than 100%');
};
