import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startOrAttach } from '../../lib/cli/attempts.ts';
import type { Clients } from '../../lib/cli/clients.ts';
import type { Pipeline } from '../../lib/cli/pipelines.ts';
import { digest as digestOf } from '../../lib/migrations/digest.ts';
import { bundleOf } from '../fleet/samples.ts';

const bundle = bundleOf('1');
const digest = digestOf(bundle);
const first = `staging-${digest.slice(0, 16)}-1`;
const second = first.replace(/1$/, '2');
const machine = 'arn:aws:states:eu-west-1:111111111111:stateMachine:lockstep-shop-staging';
const pipeline = {
  ...{ service: 'shop', environment: 'staging', bucket: 'bucket', ledger: 'ledger', approvalUrl: 'http://approval' },
  ...{ stateMachineArn: machine, previewStateMachineArn: `${machine}-preview` },
} as Pipeline;

type Execution = { status: string; input: string };
let executions: Map<string, Execution>;
let ledger: Set<string>;
/** By run, who has announced it. */
let announced: Map<string, string>;
/** In how many databases something is pending. */
let pending: number;
/** An execution that is not shown yet when it is looked for so many times after its start. */
let hidden: { run: string; looks: number };

const failing = (name: string) => Object.assign(new Error(name), { name });

beforeEach(() => {
  executions = new Map();
  ledger = new Set();
  announced = new Map();
  pending = 0;
  hidden = { run: '', looks: 0 };
});
afterEach(() => vi.unstubAllGlobals());

/** AWS as somebody sees it, each call taking a moment. */
const as = (who: string): Clients => {
  vi.stubGlobal('fetch', async (url: URL, { headers }: { headers: Record<string, string> }) => {
    await sleep(Math.random() * 3);
    const run = url.pathname.split('/')[2]!;
    const caller = /Credential=(\w+)/.exec(headers.authorization!)![1]!;
    if (!announced.has(run)) announced.set(run, caller);
    return announced.get(run) === caller
      ? Response.json({})
      : Response.json({ error: 'AnnouncedOtherwise', message: 'by another' }, { status: 409 });
  });
  const send = async (command: { input: unknown }) => {
    await sleep(Math.random() * 3);
    if (command instanceof StartExecutionCommand) {
      const { stateMachineArn, name = '', input = '' } = command.input;
      if (stateMachineArn === pipeline.previewStateMachineArn) return {};
      const known = executions.get(name);
      // As AWS has it: the same again is the same, if it is at work and was given the same.
      if (known && (known.status !== 'RUNNING' || known.input !== input)) throw failing('ExecutionAlreadyExists');
      executions.set(name, { status: 'RUNNING', input });
      return { executionArn: name };
    }
    if (!(command instanceof DescribeExecutionCommand)) return {};
    if (command.input.executionArn?.includes('-preview:')) return { status: 'SUCCEEDED' };
    const name = command.input.executionArn!.split(':').at(-1)!;
    const found = executions.get(name);
    if (found && name === hidden.run && hidden.looks > 0) {
      hidden.looks -= 1;
      throw failing('ExecutionDoesNotExist');
    }
    if (!found) throw failing('ExecutionDoesNotExist');
    return found;
  };
  const credentials = async () => ({ accessKeyId: who, secretAccessKey: 'secret' });
  const plan = JSON.stringify({ databases: [{ pending: Array(pending).fill('1') }] });
  return {
    sfn: { send, config: { region: async () => 'eu-west-1', credentials } },
    s3: { send: async () => ({ Body: { transformToString: async () => plan } }) },
    dynamodb: {
      send: async ({ input }: { input: { Key: { pk: string } } }) =>
        ledger.has(input.Key.pk) ? { Item: { status: 'SUCCEEDED' } } : {},
    },
  } as unknown as Clients;
};

const start = (who = 'ci', requestedBy = who) =>
  startOrAttach(
    as(who),
    pipeline,
    { digest, here: bundle, requestedBy, authors: [] },
    { persist: (call) => call(), wait: () => sleep(1) },
  );
const standing = (status: string, input: object = { digest }): Execution => ({ status, input: JSON.stringify(input) });

test('the first one starts the first attempt', async () => {
  const execution = `${machine.replace('stateMachine', 'execution')}:${first}`;
  expect(await start()).toEqual({ run: first, execution, revert: null, how: 'started' });
  expect(JSON.parse(executions.get(first)!.input)).toEqual({ digest, requestedBy: 'ci' });
});

test('whoever starts a run that is not shown yet waits until it is', async () => {
  hidden = { run: first, looks: 3 };
  expect(await start()).toMatchObject({ run: first, how: 'started' });
  expect(hidden.looks).toBe(0);
});

test.each(['RUNNING', 'PENDING_REDRIVE'])('one that is %s is found', async (status) => {
  executions.set(first, standing(status));
  expect(await start()).toMatchObject({ run: first, how: 'at work' });
  expect(announced.size).toBe(0);
});

test.each(['FAILED', 'ABORTED', 'TIMED_OUT'])('after one that has %s comes the next', async (status) => {
  executions.set(first, standing(status));
  expect(await start()).toMatchObject({ run: second, how: 'started' });
});

test('one that has succeeded is enough while nothing is pending', async () => {
  executions.set(first, standing('SUCCEEDED'));
  expect(await start()).toMatchObject({ run: first, how: 'done before' });
  expect([...executions.keys()]).toEqual([first]);
});

test('and is followed by the next once something is', async () => {
  executions.set(first, standing('SUCCEEDED'));
  pending = 1;
  expect(await start()).toMatchObject({ run: second, how: 'started' });
});

test('a name that another bundle has, or that the ledger alone remembers, is taken', async () => {
  executions.set(first, standing('RUNNING', { digest: 'another' }));
  ledger.add(`RUN#${second}`);
  expect(await start()).toMatchObject({ run: first.replace(/1$/, '3'), how: 'started' });
});

test('whoever is announced by another, and started by that one, is found', async () => {
  announced.set(first, 'other');
  setTimeout(() => executions.set(first, standing('RUNNING')), 10);
  expect(await start()).toMatchObject({ run: first, how: 'at work' });
});

test('whoever is announced by another, who never starts it, gets a name of its own: who starts a run is known by that', async () => {
  announced.set(first, 'other');
  expect(await start()).toMatchObject({ run: second, how: 'started' });
  expect(announced.get(second)).toBe('ci');
});

test('fifty at once make one run, whoever they are', async () => {
  for (let round = 0; round < 20; round += 1) {
    executions.clear();
    announced.clear();
    const all = await Promise.all(Array.from({ length: 50 }, (_, at) => start(`ci${at % 3}`, `job ${at}`)));
    expect([...executions.keys()]).toEqual([first]);
    expect(new Set(all.map(({ run }) => run))).toEqual(new Set([first]));
    expect(all.filter(({ how }) => how === 'started')).toHaveLength(1);
  }
});
