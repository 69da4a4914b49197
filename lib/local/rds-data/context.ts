import type { Clock } from '../clock.ts';
import type { connections } from './connection.ts';
import type { Limits } from './limits.ts';
import type { Switches } from './switches.ts';
import type { transactionTable } from './transactions.ts';

/** What the operations share. */
export type Context = {
  clock: Clock;
  limits: Limits;
  switches: Switches;
  connections: ReturnType<typeof connections>;
  transactions: ReturnType<typeof transactionTable>;
};
