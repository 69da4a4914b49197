import { types } from 'node:util';

/** The JSON document that Lambda makes of an error: what Step Functions shows as `Cause`. */
export type ErrorDocument = { errorType: string; errorMessage: string; trace?: string[] };

/** An event on its way to a function's process. */
export type ToSandbox = {
  requestId: string;
  /** JSON text of the event. */
  payload: string;
  functionArn: string;
  traceId: string;
  /** In real milliseconds since 1970, even if the cloud's time is virtual. */
  deadline: number;
  /** The cloud's time in milliseconds since 1970, if that isn't the machine's. */
  now?: number;
};

/** What a function's process reports. Memory is the process's peak in MB. */
export type FromSandbox =
  | { type: 'ready' }
  | { type: 'init-failed'; error: ErrorDocument }
  | { type: 'done'; payload: string; memory: number }
  /** A fatal failure is the process's last. */
  | { type: 'failed'; error: ErrorDocument; memory: number; fatal: boolean };

export const errorDocument = (error: unknown): ErrorDocument =>
  types.isNativeError(error)
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
