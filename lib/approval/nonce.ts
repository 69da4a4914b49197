import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApprovalRequest } from '../ledger/request.ts';

/** A form may be sent for so long after its page was opened. */
const VALID_MILLISECONDS = 60 * 60 * 1000;

/** Page and form may meet two machines, whose clocks are not quite the same. */
const SKEW_MILLISECONDS = 60_000;

/**
 * What goes into a page's form: proves that whoever sends it has opened the page by this very link and was shown this
 * very plan, within the last hour. Made without writing anything down, since opening a page must change nothing; that
 * it counts only once is seen to when it comes back.
 */
export const nonceFor = ({ formKey, planDigest }: Keyed, link: string, now: Date): string => {
  const head = `${now.getTime().toString(36)}.${randomBytes(16).toString('base64url')}`;
  return `${head}.${seal(formKey, `${link} ${planDigest} ${head}`)}`;
};

export const isNonceOf = ({ formKey, planDigest }: Keyed, link: string, nonce: string, now: Date): boolean => {
  const [, head = '', made = '', mark = ''] = /^(([0-9a-z]{1,12})\.[\w-]{22})\.([\w-]{43})$/.exec(nonce) ?? [];
  const expected = Buffer.from(seal(formKey, `${link} ${planDigest} ${head}`));
  const given = Buffer.from(mark.padEnd(43, '.'));
  const age = now.getTime() - Number.parseInt(made, 36);
  return timingSafeEqual(expected, given) && age >= -SKEW_MILLISECONDS && age <= VALID_MILLISECONDS;
};

/** Epoch seconds after which a nonce is worth nothing and need not be remembered. */
export const nonceForgottenAfter = (now: Date): number =>
  Math.ceil((now.getTime() + SKEW_MILLISECONDS + VALID_MILLISECONDS) / 1000);

type Keyed = Pick<ApprovalRequest, 'formKey' | 'planDigest'>;

const seal = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('base64url');
