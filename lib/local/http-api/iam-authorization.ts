import type { Clock } from '../clock.ts';
import type { Authorizer } from '../iam/authorizer.ts';
import { signature } from '../protocol/signature.ts';
import { flawOf } from '../protocol/verify-signature.ts';
import type { AwsRequest, Place } from '../service.ts';
import type { Keys } from '../sts/credentials.ts';

/** Who has called a route with AWS_IAM. */
export type Invoker = { accessKeyId: string; principal: string; userId: string };

/** Who it is that may invoke the resource, or why nobody. */
export type Authorize = (request: AwsRequest, resource: string) => Invoker | { refused: string };

/**
 * IAM authorization of an HTTP API: the signature is verified against the secret of the key it names, and the caller's
 * policies must allow execute-api:Invoke. A signature in the query counts as none.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html
 */
export const iamAuthorization =
  (it: {
    place: Place;
    clock: Clock;
    keys: Pick<Keys, 'holder'>;
    authorizer: Pick<Authorizer, 'refusal'>;
    /** @default the machine's: whoever signs does so in real time */
    now?: () => Date;
  }): Authorize =>
  (request, resource) => {
    const signed = signature(request.headers, request.query);
    if (!signed || signed.presigned) return { refused: 'The request has no AWS Signature Version 4.' };
    const { accessKeyId, service, region } = signed;
    const holder = it.keys.holder(accessKeyId);
    if (!holder) return { refused: 'The security token included in the request is invalid.' };
    if (service !== 'execute-api') return { refused: "Credential should be scoped to correct service: 'execute-api'." };
    if (region !== it.place.region) return { refused: 'Credential should be scoped to a valid region.' };
    const now = { sent: it.now?.() ?? new Date(), cloud: it.clock.now() };
    const flaw = flawOf(request, signed, holder, now);
    if (flaw) return { refused: flaw.sentence };
    const { principal, userId } = holder;
    const refused = it.authorizer.refusal(principal, [{ action: 'execute-api:Invoke', resource }]);
    return refused ? { refused } : { accessKeyId, principal, userId };
  };
