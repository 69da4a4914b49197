import type { Clock } from '../clock.ts';
import type { TaskResult } from '../lambda/task.ts';
import type { Faults } from './faults.ts';
import { lapse } from './lapse.ts';
import type { FaultKind } from './plan.ts';

type Invoke = (functionArn: string, payload: unknown) => Promise<TaskResult>;

/**
 * Step Functions' own calls of functions under the faults of `lambda:Invoke`, told as it tells what befalls them. One
 * that strikes after the call was carried out has the step delivered again by a state that retries.
 */
export const invokeWithFaults =
  (invoke: Invoke, faults: Faults, clock: Clock): Invoke =>
  async (functionArn, payload) => {
    const fault = faults.strike('lambda', 'Invoke');
    if (!fault || fault.kind === 'resuming') return invoke(functionArn, payload);
    const result = fault.when === 'after' ? await invoke(functionArn, payload) : undefined;
    if (fault.kind === 'latency') {
      await lapse(clock, fault.milliseconds ?? 0);
      return result ?? invoke(functionArn, payload);
    }
    if (fault.kind === 'timeout') await lapse(clock, fault.holdMilliseconds);
    const [error, cause] = TOLD[fault.kind];
    return { ok: false, error, cause };
  };

const serviceException = (status: number): [string, string] => [
  'Lambda.ServiceException',
  `An error occurred and the request cannot be processed. (Service: Lambda, Status Code: ${status})`,
];

/** What a state's Retry and Catch see. */
const TOLD: Record<Exclude<FaultKind, 'latency' | 'resuming'>, [error: string, cause: string]> = {
  500: serviceException(500),
  503: serviceException(503),
  504: serviceException(504),
  throttling: ['Lambda.TooManyRequestsException', 'Rate Exceeded. (Service: Lambda, Status Code: 429)'],
  accessDenied: [
    'Lambda.AWSLambdaException',
    'The role may not invoke the function. (Service: Lambda, Status Code: 403)',
  ],
  reset: ['Lambda.SdkClientException', 'Unable to execute HTTP request: Connection reset'],
  timeout: ['Lambda.ClientExecutionTimeoutException', 'Client execution did not complete before the specified timeout'],
  crash: [
    'Runtime.ExitError',
    JSON.stringify({
      errorType: 'Runtime.ExitError',
      errorMessage: 'Error: Runtime exited with error: signal: killed',
    }),
  ],
};
