import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Clock, realClock } from '../../lib/local/clock.ts';
import { type Configuration, functions } from '../../lib/local/lambda/functions.ts';
import { serve } from '../../lib/local/server.ts';
import type { Place, Service } from '../../lib/local/service.ts';
import { credentials } from '../../lib/local/sts/credentials.ts';

export const place: Place = { partition: 'aws', region: 'us-east-1', account: '000000000000' };

/** A folder that is gone when the test is over. */
export const temporary = () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** These services behind the local cloud's own server, until the test is over; what an SDK client needs to call them. */
export const listening = async (
  services: Record<string, Service>,
  apis: Service = async () => ({ status: 404 }),
  principal = (accessKeyId: string) => accessKeyId,
) => {
  const server = await serve(0, { services, apis, principal });
  onTestFinished(() => server.close());
  return clientOf(`http://127.0.0.1:${server.port}`);
};

export const clientOf = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'someone', secretAccessKey: 'secret' },
  maxAttempts: 1,
});

/** The header by which a request without an SDK is recognised. */
export const signedFor = (service: string, accessKeyId = 'someone') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260105/us-east-1/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
});

/** An AWS JSON call without an SDK. */
export const jsonCall = async (endpoint: string, service: string, target: string, body: object) => {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...signedFor(service), 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: the assertions say what it is.
  return { status: response.status, body: (await response.json()) as any };
};

/** Functions of these sources (`index.js` each), ended when the test is over. */
export const functionsOf = (
  sources: Record<string, string | Partial<Configuration>>,
  { clock = realClock, endpoint = 'http://127.0.0.1:9' }: { clock?: Clock; endpoint?: string } = {},
) => {
  const directory = temporary();
  const all = functions({
    ...{ place, clock, directory: join(directory, 'code'), logs: join(directory, 'logs') },
    endpoint: () => endpoint,
    credentials: credentials(place).of,
  });
  onTestFinished(() => all.close());
  for (const [name, it] of Object.entries(sources)) {
    all.createFunction({
      ...{ name, handler: 'index.handler', runtime: 'nodejs24.x', roleArn: `arn:aws:iam::000000000000:role/${name}` },
      code: { inline: typeof it === 'string' ? it : '' },
      ...{
        variables: {},
        timeoutSeconds: 10,
        memoryMegabytes: 128,
        logFormat: 'Text',
        logGroup: `/aws/lambda/${name}`,
      },
      ...(typeof it === 'string' ? {} : it),
    });
  }
  return { ...all, logs: join(directory, 'logs') };
};

/** A cloud assembly with these templates by stack name, and files beside them. */
export const assemblyOf = (
  stacks: Record<string, object>,
  { environment = 'aws://unknown-account/unknown-region', directory = temporary() } = {},
) => {
  const artifacts = Object.fromEntries(
    Object.entries(stacks).map(([name, template]) => {
      writeFileSync(join(directory, `${name}.template.json`), JSON.stringify(template));
      return [
        name,
        { type: 'aws:cloudformation:stack', environment, properties: { templateFile: `${name}.template.json` } },
      ];
    }),
  );
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '55.0.0', artifacts }));
  return directory;
};
