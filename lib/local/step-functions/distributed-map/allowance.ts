import type { Engine } from '../engine.ts';

/** How many more children may be started now. */
export type Allowance = {
  left(): number;
  /** Has started one. `again` is called once more may be started. */
  take(again: () => void): void;
};

/** So many a second, by the clock; without a number, any. */
export const allowanceOf = ({ childrenPerSecond, clock }: Engine, signal: AbortSignal): Allowance => {
  if (childrenPerSecond === undefined) return { left: () => Number.POSITIVE_INFINITY, take: () => {} };
  let left = childrenPerSecond;
  return {
    left: () => left,
    take(again) {
      if (left === childrenPerSecond) {
        const refill = () => {
          left = childrenPerSecond;
          again();
        };
        clock.sleep(1000, signal).then(refill, () => {});
      }
      left -= 1;
    },
  };
};
