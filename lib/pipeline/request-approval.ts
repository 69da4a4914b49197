import type { Catch, State } from './asl.ts';
import type { Invoke } from './invoke.ts';

/**
 * Waits up to the reminder, then up to the expiry, and asks a last time to have the matter closed: the function sees
 * what it is time for. What was approved is then planned once more, and carried out only if it is still the same.
 */
export const requestApproval = (
  invoke: Invoke,
  toReport: Catch,
  { expiresAfter, remindBefore }: { expiresAfter: number; remindBefore: number },
): State => ({
  ...invoke(
    'RequestApproval',
    {
      run: '{% $run %}',
      plan: '{% $plan %}',
      taskToken: '{% $states.context.Task.Token %}',
      expiresAt: `{% $fromMillis($askedAt + ${expiresAfter * 1000}) %}`,
    },
    { waitForTaskToken: true },
  ),
  TimeoutSeconds:
    remindBefore === 0
      ? `{% $asked = 0 ? ${expiresAfter} : ${CLOSING_SECONDS} %}`
      : `{% $asked = 0 ? ${expiresAfter - remindBefore} : $asked = 1 ? ${remindBefore} : ${CLOSING_SECONDS} %}`,
  Assign: { approved: '{% $plan.planDigest %}' },
  Catch: [
    { ErrorEquals: ['States.Timeout'], Assign: { asked: '{% $asked + 1 %}' }, Next: 'RequestApproval' },
    toReport,
  ],
  Next: 'InspectFleet',
});

/** Long enough for the function to answer for itself. */
const CLOSING_SECONDS = 300;
