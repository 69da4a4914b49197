import type { State } from './asl.ts';

/** The two ways in which an execution ends. */
export const ends = {
  Succeeded: { Type: 'Succeed' },

  Failed: { Type: 'Fail', Error: '{% $states.input.failure.error %}', Cause: '{% $states.input.failure.cause %}' },
} satisfies Record<string, State>;

/** Ends an execution as its report says. */
export const asReported = {
  Successful: {
    Type: 'Choice',
    Choices: [{ Condition: "{% $states.input.status = 'SUCCEEDED' %}", Next: 'Succeeded' }],
    Default: 'Failed',
  },

  ...ends,
} satisfies Record<string, State>;
