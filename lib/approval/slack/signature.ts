import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack's own rule: what is older is a replay; what is newer comes from a clock that can't be trusted. */
const VALID_SECONDS = 300;

/**
 * Whether Slack has sent these very bytes just now: HMAC-SHA256 over `v0:timestamp:body` with the app's signing secret.
 * The body must be the raw one, before anything has parsed it.
 */
export const isSignedBySlack = (
  { body, timestamp, signature }: { body: Buffer; timestamp: string | undefined; signature: string | undefined },
  signingSecret: string,
  now: Date,
): boolean => {
  if (signingSecret === '' || !/^\d{1,12}$/.test(timestamp ?? '') || !/^v0=[0-9a-f]{64}$/.test(signature ?? ''))
    return false;
  if (Math.abs(Math.floor(now.getTime() / 1000) - Number(timestamp)) > VALID_SECONDS) return false;
  const mac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(body).digest('hex');
  return timingSafeEqual(Buffer.from(`v0=${mac}`), Buffer.from(signature ?? ''));
};

/** Epoch seconds after which a signature is refused by its age alone, and need not be remembered. */
export const signatureForgottenAfter = (now: Date): number => Math.ceil(now.getTime() / 1000) + 2 * VALID_SECONDS;
