import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { visible } from '../approval/page/visible.ts';
import { failure } from '../failure.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';

/** The approval endpoint could not be asked. */
export const EndpointUnreachable = failure(
  'EndpointUnreachable',
  (it: { url: string; reason: string }) => `${it.url} gives no answer (${it.reason}).`,
);

/** The approval endpoint has not done what it was asked: its own code and sentence. */
export const refusal = (it: { status: number; error: string; message: string }): Error => {
  const Refused = failure(/^[A-Z][A-Za-z]+$/.test(it.error) ? it.error : 'EndpointRefused', () => visible(it.message));
  return new Refused({ status: it.status });
};

/**
 * Asks the environment's approval endpoint, signed with the caller's AWS credentials: by that, API Gateway tells it
 * who asks. JSON in, JSON out.
 *
 * @throws EndpointUnreachable, or what the endpoint calls it
 */
export const askEndpoint = async (
  { sfn }: Pick<Clients, 'sfn'>,
  { approvalUrl }: Pick<Pipeline, 'approvalUrl'>,
  { method, path, body }: { method: 'GET' | 'POST'; path: string; body?: object },
): Promise<Record<string, unknown>> => {
  const url = new URL(`${approvalUrl}${path}`);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signer = new SignatureV4({
    service: 'execute-api',
    region: await sfn.config.region(),
    credentials: sfn.config.credentials,
    sha256: Sha256,
  });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port ? { port: Number(url.port) } : {}),
    path: url.pathname,
    query: {},
    headers: { host: url.host, ...(text ? { 'content-type': 'application/json' } : {}) },
    ...(text ? { body: text } : {}),
  });
  const answer = await fetch(url, {
    method,
    headers: signed.headers,
    ...(text ? { body: text } : {}),
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  }).catch((cause: Error) => {
    const reason = cause.cause instanceof Error ? cause.cause.message : cause.message;
    throw new EndpointUnreachable({ url: approvalUrl, reason }, { cause });
  });
  const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (answer.ok) return said;
  const { error = `HTTP ${answer.status}`, message = 'no reason was given' } = said as {
    error?: string;
    message?: string;
  };
  throw refusal({ status: answer.status, error, message: explained(answer.status, message) });
};

/** API Gateway gives up after thirty seconds. */
const PATIENCE_MILLISECONDS = 35_000;

/** API Gateway says no more than this of a caller who may not ask. */
const explained = (status: number, message: string): string =>
  status === 403 && message === 'Forbidden'
    ? 'These AWS credentials may not ask the approval endpoint. Their policy needs execute-api:Invoke on it.'
    : message;

/** The signer asks for a class; Node's own crypto does the work. */
class Sha256 {
  private readonly make: () => Hash | Hmac;
  private hash: Hash | Hmac;
  constructor(secret?: Data) {
    this.make = () => (secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret)));
    this.hash = this.make();
  }
  update(chunk: Data): void {
    this.hash.update(bytes(chunk));
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {
    this.hash = this.make();
  }
}

type Data = string | ArrayBuffer | ArrayBufferView;

const bytes = (data: Data): Buffer => {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
};
