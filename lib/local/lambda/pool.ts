import { availableParallelism } from 'node:os';
import type { ErrorDocument } from './protocol.ts';
import type { Sandbox } from './sandbox.ts';

type Started = Sandbox | { error: ErrorDocument };
type Output = (text: string) => void;
/** A process at work; `fresh` if it was started for this very event. */
export type Acquired = (Sandbox & { fresh: boolean }) | { error: ErrorDocument };

/** How long a process waits for its next event before it is ended. */
const IDLE_MILLISECONDS = 120_000;

/** The processes of one function: one event at a time each, warm ones first, at most so many at once. */
export const pool = (start: (output: Output) => Promise<Started>, size = Math.max(4, availableParallelism())) => {
  type Warm = { sandbox: Sandbox; output: { to: Output }; timer?: NodeJS.Timeout };
  const idle: Warm[] = [];
  const waiting: (() => void)[] = [];
  const busy = new Set<Warm>();
  let taken = 0;
  let users = 0;
  let retired = false;
  let closed = false;

  const acquire = async (to: Output): Promise<{ warm: Warm; fresh: boolean } | { error: ErrorDocument }> => {
    for (let warm = idle.pop(); warm; warm = idle.pop()) {
      clearTimeout(warm.timer);
      if (warm.sandbox.gone()) continue;
      warm.output.to = to;
      return { warm, fresh: false };
    }
    const output = { to };
    const sandbox = closed ? { error: CLOSED } : await start((text) => closed || output.to(text));
    if ('error' in sandbox) return sandbox;
    if (closed) sandbox.kill();
    return { warm: { sandbox, output }, fresh: true };
  };

  const release = (warm: Warm) => {
    busy.delete(warm);
    if (retired) warm.sandbox.kill();
    if (warm.sandbox.gone() || retired) return;
    warm.timer = setTimeout(() => {
      idle.splice(idle.indexOf(warm), 1);
      warm.sandbox.kill();
    }, IDLE_MILLISECONDS).unref();
    idle.push(warm);
  };

  return {
    /** Invocations that run or wait. */
    inFlight: () => users,
    async use<Result>(work: (acquire: (output: Output) => Promise<Acquired>) => Promise<Result>): Promise<Result> {
      users += 1;
      if (taken >= size) await new Promise<void>((turn) => waiting.push(turn));
      else taken += 1;
      let mine: Warm | undefined;
      try {
        return await work(async (output) => {
          const found = await acquire(output);
          if ('error' in found) return found;
          mine = found.warm;
          busy.add(mine);
          return { ...mine.sandbox, fresh: found.fresh };
        });
      } finally {
        users -= 1;
        if (mine) release(mine);
        const next = waiting.shift();
        if (next) next();
        else taken -= 1;
      }
    },
    /** Ends idle processes now and busy ones with what they are doing. */
    retire() {
      retired = true;
      for (const { sandbox, timer } of idle.splice(0)) {
        clearTimeout(timer);
        sandbox.kill();
      }
    },
    /** Kills the processes that are at work: what they are doing fails. */
    killBusy() {
      for (const { sandbox } of busy) sandbox.kill();
    },
    /** Ends all processes at once; what they were doing fails. Resolves when nothing goes on any more. */
    async close() {
      closed = true;
      this.retire();
      for (const { sandbox } of busy) sandbox.kill();
      while (users > 0) await new Promise((turn) => setTimeout(turn, 5));
    },
  };
};

const CLOSED: ErrorDocument = {
  errorType: 'Runtime.ExitError',
  errorMessage: 'Error: The local cloud has been stopped',
};
