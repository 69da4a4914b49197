import type { Clock } from '../clock.ts';
import type { Functions } from './functions.ts';

/** Lambda tries an asynchronous event again after one minute, and then after two more. */
const PAUSES = [60_000, 120_000];

/** Invokes functions without anyone waiting, as SNS and `InvocationType: Event` do. */
export const asynchronous = (functions: Functions, clock: Clock, log: (line: string) => void) => {
  const closing = new AbortController();
  const deliver = async (id: string, payload: string, requestId?: string) => {
    for (const pause of [...PAUSES, undefined]) {
      const problem = await functions.invoke(id, payload, requestId).then(
        ({ outcome }) => ('error' in outcome ? `${outcome.error.errorType}: ${outcome.error.errorMessage}` : undefined),
        (error: Error) => `${error.name}: ${error.message}`,
      );
      if (problem === undefined) return;
      log(`${id} failed on an asynchronous event (${problem})${pause ? '' : '; the event is dropped'}`);
      if (pause) await clock.sleep(pause, closing.signal);
    }
  };
  const send = (id: string, payload: string, requestId?: string) =>
    void deliver(id, payload, requestId).catch(() => {});
  return {
    send,
    /** For a service, on behalf of one of its resources: only where the function permits that. */
    sendFor(source: { principal: string; arn: string }, id: string, payload: string) {
      if (functions.permits(id, source.principal, source.arn)) send(id, payload);
      else log(`${source.arn} has no permission to invoke ${id}`);
    },
    close: () => closing.abort(),
  };
};
