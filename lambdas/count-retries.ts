import type { MiddlewareObj } from '@middy/core';
import { retries } from '../lib/database/retries.ts';
import { count } from './metrics.ts';
import { here } from './services.ts';

/** Has CloudWatch count the calls to databases and to RDS that a step makes again; where there are none, nothing is said. */
export const countRetries = (task: string): MiddlewareObj<unknown, unknown> => {
  let before = 0;
  const tell = () => {
    const Retries = retries() - before;
    if (Retries > 0) count(here(), new Date(), { Retries }, { task });
  };
  return {
    before: () => {
      before = retries();
    },
    after: tell,
    onError: tell,
  };
};
