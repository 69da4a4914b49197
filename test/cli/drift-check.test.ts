import type { GetObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, type StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import type { Clients } from '../../lib/cli/clients.ts';
import { checkNow, driftIn, lastCheck } from '../../lib/cli/drift-check.ts';
import type { Pipeline } from '../../lib/cli/pipelines.ts';
import type { DriftReport } from '../../lib/fleet/drift/report.ts';

const pipeline = { environment: 'production', bucket: 'b', driftStateMachineArn: 'arn:machine' } as Pipeline;

const report = (check: string, failure: DriftReport['failure'] = null): DriftReport => ({
  ...{ check, service: 'shop', environment: 'production', startedAt: 'x', endedAt: 'y', failure, atWork: null },
  ...{ databases: 0, alike: 0, findings: [], problems: [], dataApiCalls: 0 },
});

/** A pipeline with these reports, the first of which is the last check's, and where each start is a check that succeeds. */
const holding = (...reports: DriftReport[]) => {
  const started: StartExecutionCommand['input'][] = [];
  const state = { check: reports[0]?.check, checkedAt: 'x', databases: {}, news: { fresh: 0, gone: 0 } };
  const stored = new Map<string, unknown>([
    ['drift/state.json', state],
    ...reports.map((it): [string, unknown] => [`runs/${it.check}/report.json`, it]),
  ]);
  const clients = {
    sfn: {
      send: async (command: object) => {
        if (command instanceof DescribeExecutionCommand) return { status: 'SUCCEEDED' };
        const { input } = command as StartExecutionCommand;
        started.push(input);
        stored.set(`runs/_drift/${input.name}/report.json`, report(`_drift/${input.name}`));
        return { executionArn: `arn:machine:${input.name}` };
      },
    },
    s3: {
      send: async ({ input: { Key = '' } }: GetObjectCommand) => ({
        Body: { transformToString: async () => JSON.stringify(stored.get(Key)) },
      }),
    },
  } as unknown as Clients;
  return { clients, started };
};

it('the last check is told as it was found', async () => {
  const { clients } = holding(report('_drift/1'));
  expect(await lastCheck(clients, pipeline)).toMatchObject({ check: '_drift/1' });
});

it('a last check that broke down has found nothing, and no fleet to be sound', async () => {
  const { clients } = holding(report('_drift/1', { error: 'TooSlow', cause: 'the fleet is large' }));
  const failed = {
    name: 'CheckFailed',
    message: 'The check could not be made: TooSlow: the fleet is large (_drift/1)',
  };
  await expect(lastCheck(clients, pipeline)).rejects.toMatchObject(failed);
  await expect(driftIn(clients, pipeline, 'a/x')).rejects.toMatchObject(failed);
});

it('a check is started by a name of its own, so that a repeated start is not a second one', async () => {
  const { clients, started } = holding();
  for (let times = 0; times < 2; times += 1) await checkNow(clients, pipeline, 1);
  expect(started.map(({ name }) => name)).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.any(String)]);
  expect(new Set(started.map(({ name }) => name)).size).toBe(2);
});
