import { AwsError } from '../protocol/aws-error.ts';
import type { Functions } from './functions.ts';

export type TaskResult = ({ ok: true; payload: unknown } | { ok: false; error: string; cause: string }) & {
  lasts?: number;
};

/** An invocation as Step Functions makes it: the payload is a JSON value, what went wrong is an error name and its cause. */
export const invokeAsTask =
  (functions: Functions) =>
  async (functionArn: string, payload: unknown): Promise<TaskResult> => {
    try {
      const text = JSON.stringify(payload === undefined ? {} : payload);
      const { outcome, lasts } = await functions.invoke(functionArn, text);
      const time = lasts === undefined ? {} : { lasts };
      if ('payload' in outcome) return { ok: true, payload: JSON.parse(outcome.payload), ...time };
      return { ok: false, error: outcome.error.errorType, cause: JSON.stringify(outcome.error), ...time };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return {
        ok: false,
        error: `Lambda.${error.name}`,
        cause: `${error.message} (Service: Lambda, Status Code: ${error.status})`,
      };
    }
  };
