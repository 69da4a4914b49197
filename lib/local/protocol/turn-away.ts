import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { AwsRequest, AwsResponse } from '../service.ts';
import type { Keys } from '../sts/credentials.ts';
import type { Signature } from './signature.ts';
import { type Flaw, flawOf } from './verify-signature.ts';
import { xml } from './xml.ts';

/** The answer to a request whose signature isn't right; the account's owner needs none that is. */
export const turningAway =
  (keys: Pick<Keys, 'holder' | 'root'>, clock: Clock) =>
  (request: AwsRequest, signed: Signature): AwsResponse | undefined => {
    const holder = keys.holder(signed.accessKeyId);
    if (!holder || holder.principal === keys.root) return undefined;
    const flaw = flawOf(request, signed, holder, { sent: new Date(), cloud: clock.now() });
    return flaw && turnAway(signed.service, flaw, request);
  };

/** What a service answers to one whose signature is wrong, in its own protocol. */
const turnAway = (service: string, { kind, sentence }: Flaw, { headers }: AwsRequest): AwsResponse => {
  const RequestId = randomUUID();
  const answer = (status: number, type: string, body: string): AwsResponse => ({
    status,
    headers: { 'content-type': type, 'x-amzn-requestid': RequestId },
    body,
  });
  const [inJson, inXml] = CODES[kind];
  if (service === 's3')
    return answer(
      kind === 'mismatch' ? 403 : 400,
      'application/xml',
      xml({ Error: { Code: kind === 'token' ? 'InvalidToken' : inXml, Message: sentence, RequestId } }),
    );
  if (IN_XML.includes(service))
    return answer(
      kind === 'incomplete' ? 400 : 403,
      'text/xml',
      xml({ ErrorResponse: { Error: { Type: 'Sender', Code: inXml, Message: sentence }, RequestId } }),
    );
  const rest = IN_REST.includes(service);
  const type = rest ? 'application/json' : String(headers['content-type'] ?? 'application/x-amz-json-1.1');
  return answer(rest ? 403 : 400, type, JSON.stringify({ __type: inJson, message: sentence }));
};

const CODES: Record<Flaw['kind'], [string, string]> = {
  incomplete: ['IncompleteSignatureException', 'IncompleteSignature'],
  token: ['UnrecognizedClientException', 'InvalidClientTokenId'],
  'expired token': ['ExpiredTokenException', 'ExpiredToken'],
  mismatch: ['InvalidSignatureException', 'SignatureDoesNotMatch'],
};

const IN_XML = ['rds', 'sns', 'sts'];
const IN_REST = ['lambda', 'rds-data'];
