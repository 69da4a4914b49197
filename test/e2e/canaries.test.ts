import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListMapRunsCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { parseFaults } from '../../lib/local/faults/plan.ts';
import { approvers } from './approvers.ts';
import { commands } from './commands.ts';
import { ada, berta, carl } from './shop/people.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const state = mkdtempSync(join(tmpdir(), 'lockstep-state-'));
const it = stage({ environments: 'production' }, { app: 'test/e2e/shop', state });
afterAll(() => rmSync(state, { recursive: true, force: true }));
const { run, keys } = approvers(it);
const { as, printed } = commands(it);

/** What nobody may ever read, by what it is; and whose personal links go to nobody else. */
const canaries: Record<string, string> = {};
const links: string[] = [];
const pages: string[] = [];

// These tests tell one story, in this order.
test('a run is reminded of, withdrawn from, approved by two, and another is rejected', async () => {
  const dangerous = { '1_gone.sql': 'CREATE SCHEMA gone; DROP SCHEMA gone;' };
  const approved = await run(
    'production',
    dangerous,
    async ({ run, request, link, page, slack }) => {
      const { taskToken, formKey } = await request();
      Object.assign(canaries, { 'task token': taskToken, 'form key': formKey });
      for (const person of [ada, berta, carl]) links.push(await link(person));
      await slack(ada, 'approved', 'read it');
      await page(ada, 'approved');
      const line = ['production', run, '--yes', '--json'];
      await as(keys.ada(), 'withdraw', ...line);
      await as(keys.stranger(), 'approve', ...line);
      await as(keys.berta(), 'approve', ...line, '--reason', 'backup is there');
      for (const it of links) pages.push(await (await fetch(it)).text());
    },
    {
      again: async ({ run, request, link }) => {
        canaries['second task token'] = (await request()).taskToken;
        links.push(await link(carl, 'Still waiting'));
        // Even what goes wrong tells nothing.
        const end = it.deployed.cloud.inject(parseFaults('states:SendTaskSuccess:before:500'));
        await as(keys.carl(), 'approve', 'production', run, '--yes');
        end();
        await as(keys.carl(), 'approve', 'production', run, '--yes', '--json');
      },
    },
  );
  const rejected = await run(
    'production',
    { ...dangerous, '2_no.sql': 'SELECT 1' },
    async ({ run, request, slack }) => {
      canaries['third task token'] = (await request()).taskToken;
      await slack(berta, 'rejected', 'no');
      await as(null, 'reject', 'production', run, '--reason', 'late', '--yes');
    },
  );
  expect([approved.status, rejected.failure?.error]).toEqual(['SUCCEEDED', 'Rejected']);
  for (const it of links) pages.push(await (await fetch(it)).text());
  for (const line of [
    ['approvals', 'production'],
    ['history', 'production'],
    ['history', 'production', 'shop'],
  ]) {
    await as(null, ...line);
    await as(null, ...line, '--json');
  }
  const [workspace] = it.deployed.cloud.slack.workspaces();
  canaries['bot token'] = workspace!.botToken;
  canaries['signing secret'] = workspace!.signingSecret;
  canaries["the database's password"] = JSON.parse(await secret('lockstep/shop-production')).password;
});

test('there is something to find, and it would be found', async () => {
  expect(Object.keys(canaries)).toHaveLength(7);
  for (const value of Object.values(canaries)) expect(value.length).toBeGreaterThan(15);
  expect(found(JSON.stringify({ nested: canaries }))).toHaveLength(7);
  expect(found(encodeURIComponent(canaries['task token']!))).toEqual(['task token']);
});

describe('no secret and no task token is to be found in', () => {
  test.each<[string, () => string | Promise<string>, RegExp]>([
    ['the logs of functions', () => filesUnder('logs'), /"decided"/],
    ['plans, reports and bundles', () => filesUnder('s3'), /"approvals"/],
    ['mails', () => JSON.stringify(it.deployed.cloud.inbox.messages()), /Still waiting: shop production/],
    ['messages in Slack', () => JSON.stringify(it.deployed.cloud.slack.messages()), /lockstep_approve|rejected/],
    ['pages', () => pages.join(''), /DROP<\/span>/],
    ['what the command line prints', () => printed.join(''), /"identity": "arn:aws:sts::/],
    ['histories of executions', async () => JSON.stringify(await histories()), /RequestApproval/],
  ])('%s', async (_, read, filled) => {
    const text = await read();
    expect(text).toMatch(filled);
    expect(found(text)).toEqual([]);
  });

  test('addresses of pages, which are 128 random bits and go to one person', () => {
    const ids = links.map((link) => link.split('/').at(-1)!);
    expect(new Set(ids.map((id) => id.length))).toEqual(new Set([22]));
    const elsewhere = [filesUnder('logs'), filesUnder('s3'), printed.join('')].join('');
    const toOthers = JSON.stringify(it.deployed.cloud.slack.messages());
    expect(ids.filter((id) => elsewhere.includes(id) || toOthers.includes(id))).toEqual([]);
    for (const id of ids) {
      const got = it.deployed.cloud.inbox.messages().filter(({ body }) => body.includes(id));
      expect(new Set(got.map(({ to }) => to?.endpoint)).size).toBe(1);
    }
  });
});

const found = (text: string): string[] =>
  Object.entries(canaries)
    .filter(([, value]) =>
      [value, encodeURIComponent(value), Buffer.from(value).toString('base64').replace(/=+$/, '')].some((it) =>
        text.includes(it),
      ),
    )
    .map(([what]) => what);

const filesUnder = (folder: string): string =>
  readdirSync(join(state, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n');

/**
 * All that Step Functions tells of the executions and their children: input, output, and every event. AWS itself shows
 * a task's token as part of the task's own parameters to whoever may read histories; there, and nowhere else, it is
 * taken out. (What one could do with it is no approval: the ledger has none.)
 */
const histories = async (): Promise<unknown[]> => {
  const { sfn } = it.deployed.clients;
  const told: unknown[] = [];
  const tell = async (executionArn: string) => {
    told.push(await sfn.send(new DescribeExecutionCommand({ executionArn })));
    let nextToken: string | undefined;
    do {
      const page = await sfn.send(new GetExecutionHistoryCommand({ executionArn, nextToken, maxResults: 1000 }));
      told.push(...(page.events ?? []).map(withoutToken));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    const children = (await sfn.send(new ListMapRunsCommand({ executionArn })).catch(() => ({ mapRuns: [] }))).mapRuns;
    for (const { mapRunArn } of children ?? []) {
      const { executions = [] } = await sfn.send(new ListExecutionsCommand({ mapRunArn }));
      for (const child of executions) await tell(child.executionArn!);
    }
  };
  const { stateMachineArn } = it.pipeline('production');
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  for (const execution of executions) await tell(execution.executionArn!);
  expect(told.length).toBeGreaterThan(100);
  return told;
};

let taken = 0;

const withoutToken = (event: HistoryEvent): HistoryEvent => {
  const details = event.taskScheduledEventDetails;
  if (details?.resource !== 'invoke.waitForTaskToken') return event;
  const parameters = JSON.parse(details.parameters!);
  taken += 1;
  expect(Object.values(canaries)).toContain(parameters.Payload.taskToken);
  parameters.Payload.taskToken = 'shown by AWS';
  return { ...event, taskScheduledEventDetails: { ...details, parameters: JSON.stringify(parameters) } };
};

test('the token was where AWS shows it, once for each time that a run began to wait', () => expect(taken).toBe(3));

const secret = async (SecretId: string): Promise<string> => {
  const { endpoint, place } = it.deployed.cloud;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new SecretsManagerClient({ endpoint, region: place.region, credentials });
  return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '';
};
