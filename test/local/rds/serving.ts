import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Service } from '../../../lib/local/service.ts';

/** Puts services on a port of 127.0.0.1, told apart by the credential scope's service name as in the local cloud. */
export const serving = async (services: Record<string, Service>) => {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const [path = '/', query = ''] = (incoming.url ?? '/').split('?');
    const [, name = ''] = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? '') ?? [];
    const answer = await services[name]!({
      method: incoming.method ?? '',
      path,
      query: new URLSearchParams(query),
      headers: incoming.headers,
      body: Buffer.concat(chunks),
      principal: 'arn:aws:iam::123456789012:root',
    });
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    maxAttempts: 1,
  };
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { client, close };
};
