import type { Catch, State } from './asl.ts';
import type { Invoke } from './invoke.ts';

/** Waits for a person to say what becomes of a rollout; nobody in time means that it is abandoned. */
export const holdState = (_invoke: Invoke, _options: { expiresAfter: number; toReport: Catch }): State => ({
  Type: 'Pass',
  Assign: { answer: { decision: 'abandon', by: 'nobody', reason: 'it is not held yet' } },
  Next: 'Gate',
});
