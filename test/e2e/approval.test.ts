import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { until } from './approvers.ts';
import { approve, reject, stage, staySilent } from './stage.ts';

const it = stage({ clusters: 2, databases: 1 });

const files = { '1_items.sql': 'CREATE TABLE items (id int);' };
const untouched = () => it.sql('orders-production-1', 'tenant_0001', "SELECT to_regclass('items') IS NULL");

// These tests tell one story, in this order, of one environment.
describe('an environment that asks for approval', () => {
  test('is not touched when nobody decides in time', async () => {
    const result = await it.run('production', files, { answer: staySilent });
    expect(result).toMatchObject({ status: 'FAILED', failure: { error: 'ApprovalExpired' }, approvals: [] });
    expect(await untouched()).toBe(true);
    expect(await it.leaseOwner('production')).toBeUndefined();
  });

  test('is not touched when the request is rejected, and the reason is told', async () => {
    const result = await it.run('production', files, { answer: reject });
    expect(result).toMatchObject({
      status: 'FAILED',
      failure: { error: 'Rejected', cause: 'dba@example.com: as agreed' },
      approvals: [{ decision: 'rejected', by: 'dba@example.com', channel: 'mail', assurance: 'low' }],
    });
    expect(await untouched()).toBe(true);
    expect(await it.snapshots('orders-production-1')).toEqual([]);
    expect(await it.leaseOwner('production')).toBeUndefined();
  });

  test('refuses a second run while one waits, says which, and loses nothing of the first', async () => {
    let second: Awaited<ReturnType<typeof ended>> | undefined;
    let owner: unknown;
    const first = await it.run('production', files, {
      answer: async (link) => {
        owner = await it.leaseOwner('production');
        second = await ended(await start('second'));
        await reject(link);
      },
    });
    expect(second).toMatchObject({ status: 'FAILED', error: 'LeaseHeld' });
    expect(second?.cause).toContain(first.execution);
    expect([owner, first.failure?.error]).toEqual([first.execution, 'Rejected']);
  });

  test('is taken over from a run that was stopped and whose lease nobody has given back', async () => {
    let execution = '';
    const stopped = await it.run('production', files, {
      on: (happening) => {
        if (happening.event === 'started') execution = happening.execution;
      },
      answer: () =>
        it.deployed.clients.sfn.send(new StopExecutionCommand({ executionArn: execution, cause: 'by hand' })),
    });
    expect(stopped.status).toBe('ABORTED');
    // As if EventBridge, which promises nothing, had told nobody of its end.
    await until(async () => ((await it.leaseOwner('production')) === undefined ? true : undefined));
    await it.deployed.clients.dynamodb.send(
      new UpdateCommand({
        ...{ TableName: it.pipeline('production').ledger, Key: { pk: 'LEASE', sk: 'LEASE' } },
        ...{ UpdateExpression: 'SET #owner = :owner', ExpressionAttributeNames: { '#owner': 'owner' } },
        ExpressionAttributeValues: { ':owner': stopped.execution },
      }),
    );
    const result = await it.run('production', files);
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      approvals: [{ decision: 'approved', by: 'dba@example.com', channel: 'mail', assurance: 'low' }],
    });
    expect(await it.leaseOwner('production')).toBeUndefined();
    expect(await untouched()).toBe(false);
  });

  test('asks nobody when there is nothing to do', async () => {
    const asked: string[] = [];
    const result = await it.run('production', files, { answer: async (link) => asked.push(link) });
    expect([result.status, asked]).toEqual(['SUCCEEDED', []]);
  });

  test('keeps to the first decision when the link is used again', async () => {
    const links: string[] = [];
    const remember = (link: string) => {
      links.push(link);
      return approve(link);
    };
    await it.run('production', { ...files, '2_more.sql': 'SELECT 1' }, { answer: remember });
    expect(await (await fetch(links[0]!)).text()).toMatch(/class="word">Approved<[\s\S]*By dba@example\.com/);
    await expect(reject(links[0]!)).rejects.toThrow(/Approved By dba@example\.com/);
  });

  test('is shown how long each migration took in the environment before', async () => {
    const slow = { ...files, '2_more.sql': 'SELECT 1', '3_slow.sql': 'SELECT pg_sleep(0.2)' };
    expect((await it.run('staging', slow)).status).toBe('SUCCEEDED');
    let page = '';
    const look = async (link: string) => {
      page = await (await fetch(link)).text();
      return approve(link);
    };
    await it.run('production', slow, { answer: look });
    const took = /3_slow\.sql[\s\S]*? took (\d+) ms in staging/.exec(page)?.[1];
    expect(Number(took)).toBeGreaterThanOrEqual(200);
  });
});

/** Starts a run of the bundle that is being worked with. */
const start = async (name: string): Promise<string> => {
  const { stateMachineArn } = it.pipeline('production');
  const run = String(await it.leaseOwner('production'))
    .split(':')
    .at(-1);
  const { digest } = JSON.parse(await it.object('production', `runs/${run}/plan.json`));
  const { executionArn = '' } = await it.deployed.clients.sfn.send(
    new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify({ digest }) }),
  );
  return executionArn;
};

const ended = async (executionArn: string): Promise<{ status: string; error: string; cause: string }> => {
  const {
    status = '',
    error = '',
    cause = '',
  } = await it.deployed.clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (status !== 'RUNNING') return { status, error, cause };
  await sleep(50);
  return ended(executionArn);
};
