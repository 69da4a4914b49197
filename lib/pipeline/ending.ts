import type { State } from './asl.ts';

/** Ends an execution as its report says. */
export const asReported = {
  Successful: {
    Type: 'Choice',
    Choices: [{ Condition: "{% $states.input.status = 'SUCCEEDED' %}", Next: 'Succeeded' }],
    Default: 'Failed',
  },

  Succeeded: { Type: 'Succeed' },

  Failed: { Type: 'Fail', Error: '{% $states.input.failure.error %}', Cause: '{% $states.input.failure.cause %}' },
} satisfies Record<string, State>;
