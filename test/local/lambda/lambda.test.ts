import { expect, it, vi } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { asynchronous } from '../../../lib/local/lambda/asynchronous.ts';
import { lambda } from '../../../lib/local/lambda/lambda.ts';
import { invokeAsTask } from '../../../lib/local/lambda/task.ts';
import { functionsOf, listening, signedFor } from '../cloud-harness.ts';

const source =
  'exports.handler = async (event) => { console.log("seen"); if (event.fail) throw new RangeError("no"); return event; };';

const opened = async () => {
  const all = functionsOf({ f: source });
  const events = asynchronous(all, virtualClock(), () => {});
  const { endpoint } = await listening({ lambda: lambda(all, events) });
  const invoke = async (body: string | undefined, headers: Record<string, string> = {}, name = 'f') => {
    const response = await fetch(`${endpoint}/2015-03-31/functions/${name}/invocations`, {
      method: 'POST',
      headers: { ...signedFor('lambda'), ...headers },
      body,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { all, invoke };
};

it('answers an invocation with what the function returned', async () => {
  const { invoke } = await opened();
  expect(await invoke('{"a":1}')).toMatchObject({ status: 200, text: '{"a":1}' });
  expect(await invoke(undefined)).toMatchObject({ status: 200, text: '{}' });
});

it('marks an error of the function, and sends its document', async () => {
  const { invoke } = await opened();
  const { status, headers, text } = await invoke('{"fail":true}');
  expect([status, headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
  expect(JSON.parse(text)).toMatchObject({ errorType: 'RangeError', errorMessage: 'no', trace: expect.any(Array) });
});

it('sends the end of the log if asked to', async () => {
  const { invoke } = await opened();
  const { headers } = await invoke('{}', { 'x-amz-log-type': 'Tail' });
  expect(Buffer.from(headers.get('x-amz-log-result')!, 'base64').toString()).toContain('\tINFO\tseen');
});

it('refuses a payload that is no JSON, one above 6 MB and a function that is not there', async () => {
  const { invoke } = await opened();
  const codes = [await invoke('{'), await invoke(`"${'x'.repeat(6 * 2 ** 20)}"`), await invoke('{}', {}, 'g')];
  expect(codes.map(({ status, headers }) => [status, headers.get('x-amzn-errortype')])).toEqual([
    [400, 'InvalidRequestContentException'],
    [413, 'RequestTooLargeException'],
    [404, 'ResourceNotFoundException'],
  ]);
});

it('answers an event at once', async () => {
  const { invoke } = await opened();
  expect(await invoke('{}', { 'x-amz-invocation-type': 'Event' })).toMatchObject({ status: 202, text: '' });
  expect(await invoke('{}', { 'x-amz-invocation-type': 'DryRun' })).toMatchObject({ status: 204 });
});

it('tries an event three times over three minutes, then drops it', async () => {
  const { all } = await opened();
  const clock = virtualClock();
  const start = clock.now().getTime();
  const lines: [number, string][] = [];
  asynchronous(all, clock, (line) => lines.push([clock.now().getTime() - start, line])).send('f', '{"fail":true}');
  await vi.waitFor(() => expect(lines.length).toBe(3), { timeout: 10_000 });
  expect(lines.map(([after]) => after)).toEqual([0, 60_000, 180_000]);
  expect(lines[2]![1]).toBe('f failed on an asynchronous event (RangeError: no); the event is dropped');
});

it('gives Step Functions an error name and Lambda’s document as its cause', async () => {
  const { all } = await opened();
  const invoke = invokeAsTask(all);
  expect(await invoke('f', { a: 1 })).toEqual({ ok: true, payload: { a: 1 } });
  const failed = await invoke('f', { fail: true });
  expect(failed).toMatchObject({ ok: false, error: 'RangeError' });
  expect(JSON.parse((failed as { cause: string }).cause)).toMatchObject({
    errorType: 'RangeError',
    errorMessage: 'no',
  });
  expect(await invoke('g', {})).toEqual({
    ok: false,
    error: 'Lambda.ResourceNotFoundException',
    cause: 'Function not found: g (Service: Lambda, Status Code: 404)',
  });
});
