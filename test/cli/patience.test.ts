import { describe, expect, test } from 'vitest';
import { CallerUnknown } from '../../lib/cli/caller.ts';
import type { Clients } from '../../lib/cli/clients.ts';
import { refusal } from '../../lib/cli/endpoint.ts';
import { ConnectionLost, patience } from '../../lib/cli/patience.ts';

const failing = (name: string, more: object = {}) => Object.assign(new Error('as it says'), { name, ...more });

/** Clients whose first calls end so, on a clock of their own. */
const opened = (...ends: (Error | string)[]) => {
  let made = 0;
  let time = 0;
  const told: string[] = [];
  const waits: number[] = [];
  const make = () => {
    made += 1;
    const send = async () => {
      const end = ends.length > 1 ? ends.shift()! : ends[0]!;
      if (end instanceof Error) throw end;
      return end;
    };
    return { s3: { send }, sfn: { send, config: 'kept' }, ssm: { send }, dynamodb: { send } } as unknown as Clients;
  };
  const { clients, persist } = patience(make, (line) => told.push(line), {
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      time += milliseconds;
    },
    now: () => time,
  });
  return { clients, persist, told, waits, made: () => made };
};

describe.each([
  ['a connection that is reset', failing('Error', { code: 'ECONNRESET' })],
  ['a name that is not found', failing('Error', { code: 'ENOTFOUND' })],
  ['silence', failing('TimeoutError')],
  ['an AWS that is out of order', failing('InternalServerError', { $metadata: { httpStatusCode: 500 } })],
  ['another who puts the same at once', failing('ConditionalRequestConflict', { $metadata: { httpStatusCode: 409 } })],
  ['too many calls', failing('ThrottlingException', { $metadata: { httpStatusCode: 400 } })],
])('after %s', (_, lost) => {
  test('a call is made again, later each time', async () => {
    const { clients, told, waits, made } = opened(lost, lost, lost, 'an answer');
    expect(await clients.sfn.send({} as never)).toBe('an answer');
    expect(told).toEqual([expect.stringMatching(/^AWS can't be asked \(.+\); trying again for up to 15 minutes$/)]);
    expect(waits).toHaveLength(3);
    for (const [at, most] of [1_000, 2_000, 4_000].entries()) {
      expect(waits[at]).toBeGreaterThanOrEqual(most / 2);
      expect(waits[at]).toBeLessThanOrEqual(most);
    }
    expect(made()).toBe(1);
  });

  test('it ends after a quarter of an hour, with what to do', async () => {
    const { clients, waits } = opened(lost);
    const end = await clients.dynamodb.send({} as never).catch((error) => error);
    expect(end).toBeInstanceOf(ConnectionLost);
    expect(end.message).toMatch(/^AWS could not be asked for 15 minutes .* the same command finds it again\.$/);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(waits.reduce((sum, it) => sum + it, 0)).toBeLessThan(16 * 60_000);
  });
});

describe.each(['ExpiredToken', 'ExpiredTokenException', 'UnrecognizedClientException', 'CredentialsProviderError'])(
  'after %s',
  (name) => {
    test('credentials are looked for anew', async () => {
      const { clients, made } = opened(failing(name), 'an answer');
      expect(await clients.s3.send({} as never)).toBe('an answer');
      expect(made()).toBe(2);
    });

    test('it ends soon if there are no others', async () => {
      const { clients } = opened(failing(name, { $metadata: { httpStatusCode: 403 } }));
      await expect(clients.s3.send({} as never)).rejects.toThrow(/3 minutes .* with new credentials the same command/);
    });
  },
);

const unknown = (cause: Error) => new CallerUnknown({ reason: cause.name }, { cause });
const refused = (status: number, error = `HTTP ${status}`) => refusal({ status, error, message: 'as it says' });

test.each([
  ['who calls, while the connection is lost', unknown(failing('Error', { code: 'ECONNRESET' })), 1],
  ['who calls, when credentials have expired', unknown(failing('ExpiredToken')), 3],
  ['an endpoint that is throttled', refused(429), 1],
  ['an endpoint that is out of order', refused(503), 1],
  ['an endpoint that is out of order, and gives it a name', refused(500, 'Internal'), 1],
])('asks again for %s', async (_, lost, clients) => {
  const ends = [lost, lost];
  const { persist, waits, made } = opened('an answer');
  expect(await persist(async () => (ends.length > 0 ? Promise.reject(ends.pop()) : 'an answer'))).toBe('an answer');
  expect(waits).toHaveLength(2);
  expect(made()).toBe(clients);
});

test.each([
  ['who calls, when nobody may ask', unknown(failing('AccessDenied', { $metadata: { httpStatusCode: 403 } }))],
  ['who calls, when the answer names nobody', new CallerUnknown({ reason: 'its answer names nobody' })],
  ['a conflict', refused(409, 'AnnouncedOtherwise')],
  ['a refusal', refused(403)],
])('does not ask again for %s', async (_, refusal) => {
  const { persist, waits } = opened('an answer');
  await expect(persist(() => Promise.reject(refusal))).rejects.toBe(refusal);
  expect(waits).toEqual([]);
});

test.each(['AccessDeniedException', 'ExecutionDoesNotExist', 'NoSuchKey'])('%s is thrown at once', async (name) => {
  const { clients, persist, waits } = opened(failing(name, { $metadata: { httpStatusCode: 400 } }));
  await expect(clients.ssm.send({} as never)).rejects.toMatchObject({ name });
  await expect(persist(() => Promise.reject(failing(name)))).rejects.toMatchObject({ name });
  expect(waits).toEqual([]);
});

test('a lost connection that came back is forgotten', async () => {
  const lost = failing('TimeoutError');
  const { clients, told } = opened(lost, 'an answer', lost, 'another');
  await clients.sfn.send({} as never);
  await clients.sfn.send({} as never);
  expect(told).toHaveLength(2);
});

test('what else a client has stays', () => {
  expect(opened('an answer').clients.sfn.config).toBe('kept');
});
