import { expect, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { faultsOf } from '../../../lib/local/faults/faults.ts';
import { invokeWithFaults } from '../../../lib/local/faults/invoke.ts';
import { parseFaults } from '../../../lib/local/faults/plan.ts';

const struck = async (fault: string) => {
  let invoked = 0;
  const clock = virtualClock();
  const since = clock.now().getTime();
  const invoke = invokeWithFaults(
    async () => {
      invoked += 1;
      return { ok: true, payload: 'done' };
    },
    faultsOf(parseFaults(`lambda:Invoke:${fault}`)),
    clock,
  );
  return { result: await invoke('arn', {}), invoked, seconds: (clock.now().getTime() - since) / 1000 };
};

test.each([
  ['throttling', 'Lambda.TooManyRequestsException'],
  ['503', 'Lambda.ServiceException'],
  ['reset', 'Lambda.SdkClientException'],
  ['timeout', 'Lambda.ClientExecutionTimeoutException'],
  ['accessDenied', 'Lambda.AWSLambdaException'],
  ['crash', 'Runtime.ExitError'],
])('%s of an invocation is %s to Step Functions', async (kind, error) => {
  expect(await struck(`before:${kind}`)).toMatchObject({ result: { ok: false, error }, invoked: 0 });
});

test('an answer that is lost leaves the function run', async () => {
  expect(await struck('after:reset')).toMatchObject({ result: { ok: false }, invoked: 1 });
  expect(await struck('after:timeout')).toMatchObject({ result: { ok: false }, invoked: 1, seconds: 60 });
});

test('latency only takes time', async () => {
  const done = { ok: true, payload: 'done' };
  expect(await struck('before:latency=5s')).toEqual({ result: done, invoked: 1, seconds: 5 });
  expect(await struck('after:latency=5s')).toEqual({ result: done, invoked: 1, seconds: 5 });
});
