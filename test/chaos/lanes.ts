/** Databases that are at work at the same time: while one waits, another one works. */
export const LANES = 6;

/** Does all the jobs, so many at a time, in their order. */
export const inLanes = async (jobs: (() => Promise<void>)[], lanes = LANES): Promise<void> => {
  const queue = [...jobs];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await next();
  };
  await Promise.all(Array.from({ length: lanes }, work));
};
