import type { Clock } from '../clock.ts';
import type { Recurrence } from './expression.ts';

export type Schedule = { arn: string; recurrence: Recurrence; target: { arn: string; roleArn: string; input: string } };

export type Schedules = ReturnType<typeof schedules>;

/** EventBridge Scheduler: starts executions when it is time, as the role of each schedule. Time does not run for its sake. */
export const schedules = (
  clock: Clock,
  start: (target: Schedule['target'], schedule: string) => Promise<void>,
  log: (line: string) => void,
) => {
  const ends = new Map<string, () => void>();
  const remove = (arn: string) => {
    ends.get(arn)?.();
    ends.delete(arn);
  };
  const arm = (it: Schedule, after: number) => {
    const next = it.recurrence(after);
    if (next === undefined) return;
    const ring = () => {
      arm(it, next);
      // What AWS can't deliver it tries again for a day, and drops then; nothing tells.
      void clock.busy(start(it.target, it.arn)).catch((error: Error) => log(`schedule ${it.arn}: ${error.message}`));
    };
    ends.set(it.arn, clock.alarm(new Date(next), ring));
  };
  return {
    put(it: Schedule) {
      remove(it.arn);
      arm(it, clock.now().getTime() - 1);
    },
    remove,
    close: () => {
      for (const end of ends.values()) end();
      ends.clear();
    },
  };
};
