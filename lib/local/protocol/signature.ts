import type { IncomingHttpHeaders } from 'node:http';

/** Who signed a request, and for which service. */
export type Signature = { accessKeyId: string; service: string; region: string; presigned: boolean };

/**
 * Reads the credential scope of Signature Version 4, out of the header or a presigned address.
 * The signature's shape is checked, its value is not: the local cloud hands out no secret keys except to functions,
 * so whatever credentials a user's tools are set to must do. What keeps strangers out is that only loopback is bound.
 */
export const signature = (headers: IncomingHttpHeaders, query: URLSearchParams): Signature | undefined => {
  const header = headers.authorization;
  if (header) {
    const fields = HEADER.exec(header)?.groups;
    return fields ? scope(fields.credential!, false) : undefined;
  }
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') return undefined;
  if (!/^[0-9a-f]{64}$/.test(query.get('X-Amz-Signature') ?? '') || !query.get('X-Amz-SignedHeaders')) return undefined;
  return scope(query.get('X-Amz-Credential') ?? '', true);
};

const HEADER =
  /^AWS4-HMAC-SHA256 +Credential=(?<credential>[^, ]+) *, *SignedHeaders=[a-z0-9;_.-]+ *, *Signature=[0-9a-f]{64}$/;

const scope = (credential: string, presigned: boolean): Signature | undefined => {
  const [accessKeyId, date, region, service, end, ...more] = credential.split('/');
  if (!accessKeyId || !/^\d{8}$/.test(date ?? '') || !region || !service || end !== 'aws4_request' || more.length > 0) {
    return undefined;
  }
  return { accessKeyId, service, region, presigned };
};
