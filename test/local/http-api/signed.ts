import { request } from 'node:http';
import { STSClient } from '@aws-sdk/client-sts';
import type { AccessKey, Credentials } from '../../../lib/local/sts/credentials.ts';

export type Signed = {
  method: string;
  protocol: string;
  hostname: string;
  port: number;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  body?: string | undefined;
};
type Signer = {
  sign(request: Signed, options?: { signingDate?: Date; unsignableHeaders?: Set<string> }): Promise<Signed>;
};

/** A request signed with Signature Version 4 by the SDK itself. */
export const signed = async (
  url: string,
  credentials: AccessKey | Credentials,
  it: {
    method?: string;
    body?: string;
    headers?: Record<string, string>;
    service?: string;
    region?: string;
    at?: Date;
    /** A header that the signature is to leave out. */
    without?: string;
  } = {},
): Promise<Signed> => {
  const { hostname, port, pathname, searchParams, host } = new URL(url);
  const { service = 'execute-api', region = 'us-east-1', method = 'GET' } = it;
  const { config } = new STSClient({ region, credentials });
  const { signer: signerOf } = config as unknown as { signer(scheme: object): Promise<Signer> };
  const signer = await signerOf({ name: 'sigv4', signingName: service, signingRegion: region, properties: {} });
  const query = Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)]));
  return signer.sign(
    {
      ...{ method, protocol: 'http:', hostname, port: Number(port), path: pathname, query },
      ...{ headers: { host, ...it.headers }, body: it.body },
    },
    { ...(it.at ? { signingDate: it.at } : {}), unsignableHeaders: new Set(it.without ? [it.without] : []) },
  );
};

/** Sends it as it stands, whatever is wrong with it. */
export const send = ({ method, hostname, port, path, query, headers, body }: Signed) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const pairs = Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
    const search = pairs.map((pair) => pair.map((it) => encodeURIComponent(it!)).join('=')).join('&');
    const outgoing = request(
      { method, hostname, port, headers, path: search ? `${path}?${search}` : path },
      (incoming) => {
        let text = '';
        incoming
          .on('data', (chunk) => (text += chunk))
          .on('end', () => resolve({ status: incoming.statusCode!, body: text }));
      },
    );
    outgoing.on('error', reject).end(body);
  });
