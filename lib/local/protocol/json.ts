import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { AwsRequest, AwsResponse, Service } from '../service.ts';
import { AwsError, asAwsError } from './aws-error.ts';

/** One operation of a service that speaks AWS JSON 1.0 or 1.1. */
export type JsonOperation = (body: unknown, request: AwsRequest) => Promise<object>;

/** An operation whose input must match the schema; what the schema doesn't know is refused, never ignored. */
export const operation =
  <Input extends z.ZodType>(
    input: Input,
    run: (input: z.output<Input>, request: AwsRequest) => object | Promise<object>,
  ): JsonOperation =>
  async (body, request) => {
    const parsed = input.safeParse(body);
    if (parsed.success) return run(parsed.data, request);
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
    throw new AwsError('ValidationException', `The local cloud can't take this input: ${problems.join('; ')}`);
  };

/** A service in AWS JSON: the operation is named by `X-Amz-Target: <prefix>.<Operation>`. */
export const jsonService =
  (prefix: string, operations: Record<string, JsonOperation>): Service =>
  async (request) => {
    const contentType = request.headers['content-type'] ?? 'application/x-amz-json-1.1';
    try {
      const answer = await chosen(prefix, operations, request)(parsed(request.body), request);
      return reply(200, contentType, answer);
    } catch (thrown) {
      const error = asAwsError(thrown);
      return reply(error.status, contentType, { __type: error.name, message: error.message, ...error.members });
    }
  };

const chosen = (prefix: string, operations: Record<string, JsonOperation>, request: AwsRequest) => {
  const [, name = ''] = String(request.headers['x-amz-target'] ?? '').split(`${prefix}.`);
  const found = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (found) return found;
  throw new AwsError(
    'UnknownOperationException',
    `The local cloud doesn't offer ${prefix}.${name || '(no X-Amz-Target)'}.`,
  );
};

const parsed = (body: Buffer): unknown => {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString());
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.');
  }
};

const reply = (status: number, contentType: string, body: object): AwsResponse => ({
  status,
  headers: { 'content-type': contentType, 'x-amzn-requestid': randomUUID() },
  body: JSON.stringify(body),
});
