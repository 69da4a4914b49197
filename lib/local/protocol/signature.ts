import type { IncomingHttpHeaders } from 'node:http';

/** Who signed a request, and for which service. */
export type Signature = {
  accessKeyId: string;
  /** Day, Region and service it is good for, as in the credential scope. */
  date: string;
  region: string;
  service: string;
  presigned: boolean;
  /** In lower case, in the order in which they were signed. */
  signedHeaders: string[];
  /** 64 hexadecimal digits. */
  value: string;
};

/**
 * Reads Signature Version 4 out of the header or a presigned address: its shape, not whether it is right.
 * Of keys that the local cloud has given out, `flawOf` tells that; any other is the account's owner's, so that whatever
 * credentials a user's tools are set to will do. What keeps strangers out is that only loopback is bound.
 */
export const signature = (headers: IncomingHttpHeaders, query: URLSearchParams): Signature | undefined => {
  const header = headers.authorization;
  if (header) {
    const { credential = '', signed = '', value = '' } = HEADER.exec(header)?.groups ?? {};
    return scope(credential, { presigned: false, signedHeaders: signed.split(';'), value });
  }
  const value = query.get('X-Amz-Signature') ?? '';
  const signed = query.get('X-Amz-SignedHeaders');
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256' || !/^[0-9a-f]{64}$/.test(value) || !signed) return undefined;
  return scope(query.get('X-Amz-Credential') ?? '', { presigned: true, signedHeaders: signed.split(';'), value });
};

const HEADER =
  /^AWS4-HMAC-SHA256 +Credential=(?<credential>[^, ]+) *, *SignedHeaders=(?<signed>[a-z0-9;_.-]+) *, *Signature=(?<value>[0-9a-f]{64})$/;

const scope = (
  credential: string,
  rest: Pick<Signature, 'presigned' | 'signedHeaders' | 'value'>,
): Signature | undefined => {
  const [accessKeyId, date = '', region, service, end, ...more] = credential.split('/');
  if (!accessKeyId || !/^\d{8}$/.test(date) || !region || !service || end !== 'aws4_request' || more.length > 0) {
    return undefined;
  }
  return { accessKeyId, date, region, service, ...rest };
};
