import { timingSafeEqual } from 'node:crypto';
import type { AwsRequest } from '../service.ts';
import type { Holder } from '../sts/credentials.ts';
import { rightSignature } from './canonical-request.ts';
import type { Signature } from './signature.ts';

/** What is wrong with a signature, in AWS's words. */
export type Flaw = { kind: 'incomplete' | 'token' | 'expired token' | 'mismatch'; sentence: string };

/** When signatures and temporary credentials are judged. People's clocks run in real time, whatever the cloud's does. */
export type Moment = { sent: Date; cloud: Date };

/**
 * What is wrong with the signature of a request that names a key of this holder's; undefined if nothing is.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const flawOf = (request: AwsRequest, signed: Signature, holder: Holder, now: Moment): Flaw | undefined => {
  const { headers, query } = request;
  const token = signed.presigned ? query.get('X-Amz-Security-Token') : (headers['x-amz-security-token'] ?? null);
  if (token !== (holder.sessionToken ?? null))
    return { kind: 'token', sentence: 'The security token included in the request is invalid.' };
  if (!signed.signedHeaders.includes('host'))
    return flaw('incomplete', "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization header.");
  const dateTime = String(signed.presigned ? query.get('X-Amz-Date') : headers['x-amz-date']);
  if (!/^\d{8}T\d{6}Z$/.test(dateTime))
    return flaw('incomplete', "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  const untimely = atWrongTime(request, signed, dateTime, now.sent);
  if (untimely) return flaw('mismatch', untimely);
  const right = rightSignature(request, signed, holder.secretAccessKey, dateTime);
  // Dots in a path are gone from what was signed, but not from what would be done.
  const plain = signed.service === 's3' || !/\/(\.{0,2})\//.test(`${request.path.replace(/\/$/, '')}/`);
  if (!plain || !timingSafeEqual(Buffer.from(right), Buffer.from(signed.value))) return flaw('mismatch', MISMATCH);
  if (holder.expires && holder.expires <= now.cloud)
    return flaw('expired token', 'The security token included in the request is expired');
  return undefined;
};

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const flaw = (kind: Flaw['kind'], sentence: string): Flaw => ({ kind, sentence });

/** A request is good for five minutes before and after its date, a presigned address from it for as long as it says. */
const atWrongTime = ({ query }: AwsRequest, { date, presigned }: Signature, dateTime: string, now: Date) => {
  if (!dateTime.startsWith(date))
    return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${dateTime.slice(0, 8)}', from '${dateTime}'.`;
  const sent = Date.parse(dateTime.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  const seconds = presigned ? Number(query.get('X-Amz-Expires') ?? Number.NaN) : SKEW_SECONDS;
  if (!(now.getTime() - sent <= seconds * 1000))
    return `Signature expired: ${dateTime} is now earlier than ${basic(now, -seconds)} (${basic(now)} - ${seconds} s.)`;
  if (sent - now.getTime() > SKEW_SECONDS * 1000)
    return `Signature not yet current: ${dateTime} is still later than ${basic(now, SKEW_SECONDS)} (${basic(now)} + 5 min.)`;
  return undefined;
};

const SKEW_SECONDS = 300;

const basic = (at: Date, seconds = 0): string => {
  const moment = new Date(at.getTime() + (Number.isFinite(seconds) ? seconds : 0) * 1000);
  return moment.toISOString().replaceAll(/[-:]|\.\d+/g, '');
};
