import { randomUUID } from 'node:crypto';
import { xml } from '../protocol/xml.ts';
import type { AwsRequest, AwsResponse } from '../service.ts';

/** AWS JSON 1.0 and 1.1: AccessDeniedException comes with status 400. */
export const refuseInJson = (Message: string, { headers }: AwsRequest): AwsResponse => ({
  status: 400,
  headers: {
    'content-type': headers['content-type'] ?? 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
  },
  body: JSON.stringify({ __type: 'AccessDeniedException', Message }),
});

/** REST-JSON: status 403. */
export const refuseInRest =
  (member: 'message' | 'Message') =>
  (sentence: string): AwsResponse => ({
    status: 403,
    headers: {
      'content-type': 'application/json',
      'x-amzn-errortype': 'AccessDeniedException',
      'x-amzn-requestid': randomUUID(),
    },
    body: JSON.stringify({ [member]: sentence }),
  });

/** The Query protocol: status 403, `AccessDenied` in general, `AuthorizationError` from SNS. */
export const refuseInQuery =
  (Code: string, namespace: string) =>
  (Message: string): AwsResponse => {
    const RequestId = randomUUID();
    return {
      status: 403,
      headers: { 'content-type': 'text/xml', 'x-amzn-requestid': RequestId },
      body: xml({ ErrorResponse: { '@xmlns': namespace, Error: { Type: 'Sender', Code, Message }, RequestId } }),
    };
  };

export const refuseInS3 = (Message: string): AwsResponse => {
  const RequestId = randomUUID();
  return {
    status: 403,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': RequestId },
    body: xml({ Error: { Code: 'AccessDenied', Message, RequestId } }),
  };
};
