import type { Catch, State, Value } from './asl.ts';
import type { Invokes } from './invoke.ts';

/** How long people have, and how long before its end they are reminded (0: never), in seconds. */
export type TimeToAnswer = { expiresAfter: number; remindBefore: number };

/**
 * Asks people, and waits up to the reminder, then up to the expiry, and a last time to have the matter closed: the
 * function sees what it is time for. If the state took its own time-out for an answer, what somebody decided in the
 * same moment would stand in the ledger and be lost on the run.
 */
export const askPeople = <Task extends string>(
  invoke: Invokes<Task>,
  task: Task,
  it: {
    payload: Record<string, Value>;
    /** Variables: since when people are asked (milliseconds), and how often the time has run out. */
    since: string;
    asked: string;
    time: TimeToAnswer;
    assign: Record<string, Value>;
    next: string;
    otherwise: Catch[];
  },
): State => {
  const { expiresAfter, remindBefore } = it.time;
  return {
    ...invoke(
      task,
      {
        ...it.payload,
        taskToken: '{% $states.context.Task.Token %}',
        expiresAt: `{% $fromMillis($${it.since} + ${expiresAfter * 1000}) %}`,
      },
      { waitForTaskToken: true },
    ),
    TimeoutSeconds:
      remindBefore === 0
        ? `{% $${it.asked} = 0 ? ${expiresAfter} : ${CLOSING_SECONDS} %}`
        : `{% $${it.asked} = 0 ? ${expiresAfter - remindBefore} : $${it.asked} = 1 ? ${remindBefore} : ${CLOSING_SECONDS} %}`,
    Assign: it.assign,
    Catch: [
      { ErrorEquals: ['States.Timeout'], Assign: { [it.asked]: `{% $${it.asked} + 1 %}` }, Next: task },
      ...it.otherwise,
    ],
    Next: it.next,
  };
};

/** Long enough for the function to answer for itself. */
const CLOSING_SECONDS = 300;
