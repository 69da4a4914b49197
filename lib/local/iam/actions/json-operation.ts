import type { AwsRequest } from '../../service.ts';

export type Input = Record<string, unknown>;

/** The operation that `X-Amz-Target` names. */
export const operationOf = ({ headers }: AwsRequest): string =>
  String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1)!;

/** A body's members; undefined for a body that isn't a JSON object, which every service refuses. */
export const inputOf = ({ body }: AwsRequest): Input | undefined => {
  try {
    const input: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
    return typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Input) : undefined;
  } catch {
    return undefined;
  }
};

/** The operation's entry in a table of a service's operations. */
export const entryOf = <Entry>(table: Record<string, Entry>, operation: string): Entry | undefined =>
  Object.hasOwn(table, operation) ? table[operation] : undefined;
