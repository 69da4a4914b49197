import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { checkNow } from '../../lib/cli/drift-check.ts';
import { askEndpoint } from '../../lib/cli/endpoint.ts';
import { preview } from '../../lib/cli/preview.ts';
import { uploadBundle } from '../../lib/cli/start-run.ts';
import { restorePointIdentifier } from '../../lib/fleet/restore-point/own.ts';
import { parseFaults } from '../../lib/local/faults/plan.ts';
import { authorizer, type Decision } from '../../lib/local/iam/authorizer.ts';
import { resourcePolicies } from '../../lib/local/iam/resource-policies.ts';
import type { Statement } from '../../lib/local/iam/statement.ts';
import { bundle } from '../../lib/migrations/build.ts';
import { folderOf } from '../helpers/folder.ts';
import { approve, reject, stage, staySilent } from './stage.ts';
import { vouch } from './vouch.ts';

const it = stage({ clusters: 2, databases: 1 });

/** One action on one resource, and the statement that allows it. */
type Grant = { statement: Statement; action: string; resource: string };

/** Granted because AWS asks for it; Step Functions does it itself where nothing here can see it. */
const unseen: Record<string, string> = {
  'StateMachine states:DescribeExecution': 'AWS looks after the children of a map run as the state machine',
  'StateMachine states:StopExecution': 'AWS stops the children of a map run as the state machine',
  'StateMachine states:RedriveExecution': 'a map run is redriven with its execution: see redrive.test.ts',
  'StateMachine s3:AbortMultipartUpload': 'AWS writes large results in parts',
  'StateMachine s3:ListMultipartUploadParts': 'AWS writes large results in parts',
  'RestoreMachine states:DescribeExecution': 'as the other machine',
  'RestoreMachine states:StopExecution': 'as the other machine',
  'RestoreMachine states:RedriveExecution': 'as the other machine',
  'RestoreMachine s3:AbortMultipartUpload': 'as the other machine',
  'RestoreMachine s3:ListMultipartUploadParts': 'as the other machine',
  'RestoreMachine s3:GetObject': 'AWS asks for it beside GetObjectVersion',
  'PreviewMachine states:DescribeExecution': 'as the other machine',
  'PreviewMachine states:StopExecution': 'as the other machine',
  'PreviewMachine states:RedriveExecution': 'as the other machine',
  'PreviewMachine s3:AbortMultipartUpload': 'as the other machine',
  'PreviewMachine s3:ListMultipartUploadParts': 'as the other machine',
  'PreviewMachine s3:GetObjectVersion': 'AWS may ask for it beside GetObject',
  'DriftMachine states:DescribeExecution': 'as the other machines',
  'DriftMachine states:StopExecution': 'as the other machines',
  'DriftMachine states:RedriveExecution': 'as the other machines',
  'DriftMachine s3:AbortMultipartUpload': 'as the other machines',
  'DriftMachine s3:ListMultipartUploadParts': 'as the other machines',
  'DriftMachine s3:GetObjectVersion': 'it reads what it has just written, whichever version',
  'TellDrift s3:PutObject': 'a check may fail',
  'FindDrift rds-data:ExecuteStatement': 'it explains what deviates: see drift.test.ts',
  'FindDrift secretsmanager:GetSecretValue': 'it explains what deviates: see drift.test.ts',
  'FindDrift s3:GetObject': 'how a run was planned is read where databases stand apart: see find-drift.test.ts',
  'PlanPreview s3:GetObject': 'as FindDrift',
  'PlanPreview rds:DescribeDBClusterSnapshots': 'as Plan',
  'Admit states:DescribeExecution': 'the lease may be that of a restore',
  'AdmitRestore states:DescribeExecution': 'the lease may be that of another restore, and the run may be at work',
  'Plan rds:DescribeDBClusterSnapshots': 'AWS may count a look through all snapshots as one at their clusters',
  'RequestApproval states:SendTaskSuccess': 'what was decided on a restore meanwhile is told by the reminder',
  'RequestApproval states:SendTaskFailure': 'a restore may expire',
  'ApprovalPages states:SendTaskFailure': 'a restore may be rejected',
  'PlanRestore sns:Publish': 'that the glass was broken is told',
  'ReportRestore s3:GetObject': 'the policy is read where a restore ends before anybody is asked',
  'CloseRun states:DescribeExecution': 'a restore may be stopped',
  'CloseRun s3:GetObject': 'the policy is read where a run is stopped before anybody is asked',
  'CloseRun kms:Sign': 'a run may be stopped when it has run SQL',
  'CloseRun s3:PutObject': 'as to sign',
  // What was stopped may be redriven, and takes the lease again: see stopped.test.ts.
  'Gate states:DescribeExecution': 'whether it is at work',
  'Gate dynamodb:UpdateItem': 'it takes the lease again',
  'AdvanceRestore states:DescribeExecution': 'as Gate',
  'AdvanceRestore dynamodb:UpdateItem': 'as Gate',
  // Restored is out of snapshots here, and nothing is changed of clusters that were renamed: see restore.test.ts.
  'AdvanceRestore rds:RestoreDBClusterToPointInTime': 'out of the continuous backups',
  'AdvanceRestore rds:RemoveTagsFromResource': 'out of a clone',
  'AdvanceRestore rds:ModifyDBCluster': 'out of a clone, with the parameter group of the old cluster',
  'AdvanceRestore rds:DisableHttpEndpoint': 'what is kept of an earlier swap',
  'AdvanceRestore rds-data:ExecuteStatement': 'what is kept of an earlier swap',
};

const decisions: Decision[] = [];
const items = { '1_items.sql': 'CREATE TABLE items (id int);' };
const everything = {
  ...{ ...items, '2_less.sql': 'SELECT 1', '3_more.sql': 'SELECT 1' },
  '4_check.sql': 'ALTER TABLE items ADD CHECK (id > 0) NOT VALID',
};

// One story of one environment: its roles are watched on every way that a run can take.
describe('every permission of the production stack', () => {
  test('is made use of in runs that succeed, fail, are rejected, expire, break down and take over a lease', async () => {
    it.deployed.cloud.onDecision((decision) => decisions.push(decision));
    const failures: (string | undefined)[] = [];
    const ran: string[] = [];
    const run = async (files: Record<string, string>, how: Parameters<typeof it.run>[2] = {}) => {
      const result = await it.run('production', files, how);
      failures.push(result.failure?.error);
      ran.push(result.run);
    };
    /** What would a run do? */
    const ask = async (files: Record<string, string>) => {
      const { bundle: here, digest } = await bundle(await folderOf(files));
      const { plan } = await preview(it.deployed.clients, it.pipeline('production'), { digest, here });
      expect(plan?.digest).toBe(digest);
    };
    await run(items, { answer: staySilent });
    await run(items, { answer: reject });
    let execution = '';
    await run(items, {
      on: (happening) => {
        if (happening.event === 'started') execution = happening.execution;
      },
      answer: () => it.deployed.clients.sfn.send(new StopExecutionCommand({ executionArn: execution })),
    });
    await run(items);
    await ask(items);
    await ask({ ...items, '2_only_planned.sql': 'SELECT 1' });
    await byHand('CREATE INDEX by_hand ON items (id)');
    await checkNow(it.deployed.clients, it.pipeline('production'), 50);
    // It tells of that in the words of the check.
    await ask(items);
    await run(items);
    await byHand('DROP INDEX by_hand');
    await run({ '1_items.sql': 'CREATE TABLE items (id bigint);' });
    await run({ ...items, '2_broken.sql': 'SELECT no_such()' });
    await run(
      { ...items, '2_more.sql': 'SELECT 1' },
      { answer: (link) => rename('tenant_0001', 'away').then(() => approve(link)) },
    );
    await rename('away', 'tenant_0001');
    await run(
      { ...items, '2_less.sql': 'SELECT 1' },
      {
        answer: async (link) => {
          // What was decided and could not be told then is told by the reminder.
          const end = it.deployed.cloud.inject(parseFaults('states:SendTaskSuccess:before:crash@1'));
          await approve(link).catch(() => {});
          end();
        },
      },
    );
    const good = { run: ran.at(-1)!, swap: true, requestedBy: 'somebody' };
    expect((await it.restore('production', good)).failure).toBeNull();
    await askEndpoint(it.deployed.clients, it.pipeline('production'), { method: 'GET', path: '/requests' });
    await run(
      { ...items, '2_less.sql': 'SELECT 1', '3_more.sql': 'SELECT 1' },
      {
        on: (happening) => {
          if (happening.event === 'started') execution = happening.execution;
        },
        answer: async (link) => {
          await it.takeSnapshot('orders-production-1', restorePointIdentifier('orders-production-1', execution));
          await approve(link);
        },
      },
    );
    // Snapshots grow old, and are deleted before new ones are taken.
    await it.clock.sleep(31 * 86_400_000);
    let asked = false;
    await run(everything, {
      on: (happening) => {
        if (happening.event === 'started') execution = happening.execution;
      },
      answer: async (link) => {
        // Nobody says what becomes of the rollout that is held then.
        if (asked) return;
        asked = true;
        const path = `/runs/${execution.split(':').at(-1)}`;
        await askEndpoint(it.deployed.clients, it.pipeline('production'), { method: 'GET', path: `${path}/approval` });
        const body = { order: 'pause', reason: 'lunch' };
        await askEndpoint(it.deployed.clients, it.pipeline('production'), {
          method: 'POST',
          path: `${path}/control`,
          body,
        });
        await approve(link);
      },
    });
    // What Verify finds wrong counts against the budget.
    await run(everything);
    await askEndpoint(it.deployed.clients, it.pipeline('production'), {
      ...{ method: 'POST', path: `/bundles/${'d'.repeat(64)}/evidence/e2e`, body: {} },
    });
    await runFromStaging({ ...everything, '5_last.sql': 'SELECT 1' });
    expect(failures).toEqual([
      'ApprovalExpired',
      'Rejected',
      // The one that was stopped, which is told no error, and the one that then succeeded.
      '',
      undefined,
      'FingerprintsDiffer',
      // Edited after it was applied; a statement that fails; a database that is gone when it is looked at again.
      'PlanRefused',
      'MigrationFailed',
      'PlanRefused',
      undefined,
      'RestorePointFailed',
      'Abandoned',
      'MigrationFailed',
    ]);
    // What the environment before has not had, and nobody has kept yet, is not there to be read; and who may not list a
    // bucket is told no more.
    // A bundle that nobody has uploaded is not there to be read, and who may not list a bucket is told no more.
    const denied = decisions.filter(({ reason }) => reason !== undefined);
    expect(denied.filter(({ action, resource }) => !NOT_THERE.test(`${action} ${resource}`))).toEqual([]);
  });

  test('is needed: without it something that these runs do is denied', () => {
    const grants = roles().flatMap(({ name, arn, statements }) => {
      // What was denied anyway is missed whatever the role has.
      const seen = decisions.filter(({ role, reason }) => role === name && reason === undefined);
      return grantsOf(statements).map((grant) => ({
        grant: `${short(name)} ${grant.action}`,
        missed: isMissed(arn, without(statements, grant), seen),
      }));
    });
    expect(grants.length).toBeGreaterThan(60);
    expect(new Set(grants.filter(({ missed }) => !missed).map(({ grant }) => grant))).toEqual(
      new Set(Object.keys(unseen)),
    );
  });

  test.each([
    ['Plan', 's3:PutObject', 'AccessDenied', 's3:PutObject on resource: "arn:aws:s3:::'],
    ['InspectCluster', 'rds-data:ExecuteStatement', 'PlanRefused', 'rds-data:ExecuteStatement'],
    [
      'StateMachine',
      'states:StartExecution',
      'States.Permissions',
      'states:StartExecution on resource: arn:aws:states',
    ],
  ])('is enforced: %s without %s ends a run with %s', async (role, action, error, cause) => {
    const { name } = roles().find((one) => short(one.name) === role)!;
    const { policies } = it.deployed.cloud.roles.find(name);
    const before = new Map(policies);
    for (const [policy, { Statement }] of before) {
      const left = grantsOf(Statement).filter((grant) => grant.action === action);
      policies.set(policy, { Statement: left.reduce(without, Statement) });
    }
    const { failure } = await it.run('production', everything);
    for (const [policy, document] of before) policies.set(policy, document);
    expect(failure?.error).toBe(error);
    expect(failure?.cause).toContain(cause);
  });
});

const NOT_THERE = /^s3:ListBucket arn:aws:s3:::orders(staging|production)-/;

/** A run of a bundle that lies in staging only. Nobody announces it, and there is one approver. */
const runFromStaging = async (files: Record<string, string>) => {
  const { clients } = it.deployed;
  const bundled = await bundle(await folderOf(files));
  await uploadBundle(clients, it.pipeline('staging'), bundled);
  await vouch(it.deployed, bundled.digest, it.clock.now());
  const { stateMachineArn } = it.pipeline('production');
  const input = JSON.stringify({ digest: bundled.digest });
  const started = await clients.sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'from-staging', input }));
  const { executionArn } = started;
  for (;;) {
    const { status, error } = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return expect(error).toBe('TooFewApprovers');
    await sleep(50);
  }
};

const roles = () => {
  const { all, statements } = it.deployed.cloud.roles;
  return all()
    .filter(({ name }) => name.startsWith('OrdersProduction'))
    .map(({ name, arn }) => ({ name, arn, statements: statements(name) }));
};

/** `OrdersProduction-MigrationsAdmitRole64E83496-…` is Admit's. */
const short = (role: string) => /Migrations(\w+?)Role/.exec(role)?.[1];

/** Logs and traces leave the machine on AWS only. */
const grantsOf = (statements: Statement[]): Grant[] =>
  statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap((statement) =>
      list(statement.Action).flatMap((action) =>
        list(statement.Resource).map((resource) => ({ statement, action, resource })),
      ),
    )
    .filter(({ action }) => !/^(logs|xray):/.test(action));

const without = (statements: Statement[], { statement, action, resource }: Grant): Statement[] =>
  statements.flatMap((one) => {
    if (one.Action !== statement.Action || one.Resource !== statement.Resource) return [one];
    const rest: Statement[] = [
      { ...one, Action: list(one.Action).filter((it) => it !== action) },
      { ...one, Action: [action], Resource: list(one.Resource).filter((it) => it !== resource) },
    ];
    return rest.filter((it) => list(it.Action).length > 0 && list(it.Resource).length > 0);
  });

const isMissed = (arn: string, statements: Statement[], seen: Decision[]) => {
  const { place } = it.deployed.cloud;
  const policies = resourcePolicies();
  // Those of keys leave it to the account's own.
  const Principal = { AWS: `arn:aws:iam::${place.account}:root` };
  for (const { resource } of seen.filter(({ action }) => action.startsWith('kms:')))
    policies.put(resource, [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }]);
  const { refusal } = authorizer({
    ...{ place, clock: it.clock, resourcePolicies: policies },
    role: () => ({ arn, statements }),
  });
  return seen.some(({ principal, role: _, reason: __, ...check }) => refusal(principal, [check]) !== undefined);
};

const list = (value: unknown) => [value ?? []].flat() as string[];

/** The database's own sessions stand in the way of renaming it. */
const rename = async (from: string, to: string) => {
  const sql = (text: string) => it.sql('orders-production-1', 'postgres', text);
  await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${from}'`);
  await sql(`ALTER DATABASE ${from} RENAME TO ${to}`);
};

const byHand = (sql: string) => it.sql('orders-production-1', 'tenant_0001', sql);
