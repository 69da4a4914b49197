import type { Json } from './asl.ts';
import { dataLimitExceeded } from './state-error.ts';

/** Most bytes of JSON in UTF-8 that any input, output, argument or assignment may have (256 KiB, a hard quota). */
export const PAYLOAD_LIMIT = 262_144;

export const bytes = (value: Json) => Buffer.byteLength(JSON.stringify(value));

/** Passes a state's or task's result on, or fails with States.DataLimitExceeded. */
export const withinLimit = <Value extends Json>(value: Value, source: string): Value => {
  if (bytes(value) <= PAYLOAD_LIMIT) return value;
  throw dataLimitExceeded(
    `The state/task '${source}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
};
