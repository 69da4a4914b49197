import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import type { Clients } from '../../lib/cli/clients.ts';
import type { Pipeline } from '../../lib/cli/pipelines.ts';
import { preview } from '../../lib/cli/preview.ts';

const machine = 'arn:aws:states:eu-west-1:111111111111:stateMachine:lockstep-shop-staging';
const pipeline = {
  ...{ service: 'shop', environment: 'staging', bucket: 'bucket', ledger: 'ledger', approvalUrl: 'http://approval' },
  ...{ stateMachineArn: machine, previewStateMachineArn: `${machine}-preview` },
} as Pipeline;
const digest = 'd'.repeat(64);
const failing = (name: string) => Object.assign(new Error(name), { name });

/** Step Functions whose executions are shown late, and end after that many looks. */
const stepFunctions = ({ hidden = 0, looks = 1, start = async () => {} }) => {
  const asked: string[] = [];
  let started = '';
  const send = async (command: { input: unknown }) => {
    if (command instanceof StartExecutionCommand) {
      started = `${command.input.stateMachineArn!.replace(':stateMachine:', ':execution:')}:${command.input.name}`;
      await start();
      return {};
    }
    if (!(command instanceof DescribeExecutionCommand)) return {};
    asked.push(command.input.executionArn!);
    if (started === '' || asked.length <= hidden) throw failing('ExecutionDoesNotExist');
    return { status: asked.length > hidden + looks ? 'SUCCEEDED' : 'RUNNING' };
  };
  const plan = JSON.stringify({ planDigest: 'p' });
  const clients = {
    sfn: { send },
    s3: { send: async () => ({ Body: { transformToString: async () => plan } }) },
    dynamodb: { send },
  } as unknown as Clients;
  return { clients, asked, started: () => started };
};

const planned = (clients: Clients, waits: number[] = []) =>
  preview(clients, pipeline, { digest, here: null }, async (milliseconds) => waits.push(milliseconds));

test('a preview that Step Functions does not show yet is waited for', async () => {
  const { clients, asked, started } = stepFunctions({ hidden: 3 });
  expect(await planned(clients)).toMatchObject({ plan: { planDigest: 'p' }, failure: null });
  expect(new Set(asked)).toEqual(new Set([started()]));
});

test('one whose start was answered too late to be heard counts as started', async () => {
  const { clients } = stepFunctions({ start: () => Promise.reject(failing('ExecutionAlreadyExists')) });
  expect(await planned(clients)).toMatchObject({ plan: { planDigest: 'p' } });
});

test('one that may not be started is not taken for one that was', async () => {
  const { clients } = stepFunctions({ start: () => Promise.reject(failing('AccessDeniedException')) });
  await expect(planned(clients)).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('a long one is looked at less and less often, every five seconds in the end', async () => {
  const waits: number[] = [];
  await planned(stepFunctions({ looks: 30 }).clients, waits);
  expect(waits[0]).toBe(500);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits.at(-1)).toBe(5_000);
});
