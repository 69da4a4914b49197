import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { Approval } from '../../lib/pipeline/approval-props.ts';
import { MigrationPipeline } from '../../lib/pipeline/migration-pipeline.ts';
import type { PromotionPath } from '../../lib/pipeline/promotion-props.ts';
import type { MigrationPipelineProps } from '../../lib/pipeline/props.ts';
import { actionsOf, policies, resourcesFor } from './statements.ts';
import { emptyApp, ofType, only, pipelineTemplate, type Template, templateOf } from './template.ts';

const [A, B] = ['111111111111', '222222222222'] as const;

const twoAccounts = async () => {
  const app = await emptyApp();
  const pipeline = (account: string, environment: string, more: Partial<MigrationPipelineProps> = {}) =>
    new MigrationPipeline(new Stack(app, environment, { env: { account, region: 'eu-west-1' } }), 'Migrations', {
      ...{ service: 'shop', environment, fleet: [{ cluster: 'one', secret: 'one', databases: ['shop'] }], ...more },
    });
  const test = pipeline(A, 'test');
  pipeline(B, 'staging', { promotion: [{ after: [test], evidence: ['e2e'], automatic: true }] });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const directory = app.synth();
  const report = JSON.parse(await readFile(join(directory.directory, 'validation-report.json'), 'utf8'));
  const of = (stack: string) => templateOf(directory.getStackByName(stack).template);
  return { test: of('test'), staging: of('staging'), report };
};

const made = await twoAccounts();
type Statement = Record<string, unknown>;
const statementsOf = ({ PolicyDocument, KeyPolicy }: Record<string, unknown>) =>
  ((PolicyDocument ?? KeyPolicy) as { Statement: Statement[] }).Statement;
const speaksOf = (all: Statement[], account: string) =>
  all.filter(({ Principal }) => JSON.stringify(Principal).includes(account) && !JSON.stringify(Principal).includes(A));

describe('between two accounts', () => {
  test('the environment before names the account that reads, what it reads, and nothing else', () => {
    expect(speaksOf(statementsOf(only(made.test, 'AWS::S3::BucketPolicy', 'BundlesPolicy')), B)).toEqual([
      {
        ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${B}:root` }, Action: 's3:GetObjectVersion' },
        Resource: ['<Bundles.Arn>/attestations/*', '<Bundles.Arn>/evidence/*'],
      },
      {
        ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${B}:root` }, Action: 's3:GetObject' },
        Resource: '<Bundles.Arn>/bundles/*',
      },
      {
        ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${B}:root` }, Action: 's3:ListBucketVersions' },
        ...{ Resource: '<Bundles.Arn>', Condition: { StringLike: { 's3:prefix': ['attestations/*', 'evidence/*'] } } },
      },
    ]);
    for (const { properties } of ofType(made.test, 'AWS::KMS::Key'))
      expect(speaksOf(statementsOf(properties), B)).toEqual([
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${B}:root` }, Action: 'kms:Verify', Resource: '*' },
      ]);
  });

  test('the next one verifies with keys by their aliases only, and takes bundles', () => {
    const admit = policies(made.staging).get('Admit')!;
    const aliases = admit.filter((it) => JSON.stringify(it).includes(`kms:eu-west-1:${A}:key/*`));
    expect(aliases.flatMap(actionsOf)).toEqual(Array(aliases.length).fill('kms:Verify'));
    expect(JSON.stringify(aliases.map(({ Condition }) => Condition))).toMatch(
      /lockstep-shop-test-attestations.*lockstep-shop-test-evidence/,
    );
    expect(resourcesFor(admit, /^s3:GetObject$/).some((it) => it.endsWith('/bundles/*'))).toBe(true);
  });

  test('a success is sent from bus to bus, and starts a function that may start this state machine and no other', () => {
    const targets = ofType(made.test, 'AWS::Events::Rule').flatMap(
      ({ properties: { Targets } }) => Targets as object[],
    );
    expect(targets.filter((it) => JSON.stringify(it).includes(':event-bus/'))).toMatchObject([
      { Arn: `arn:aws:events:eu-west-1:${B}:event-bus/default`, RoleArn: expect.any(String) },
    ]);
    expect(only(made.staging, 'AWS::Events::EventBusPolicy')).toMatchObject({
      StatementId: expect.stringMatching(new RegExp(`^lockstep-[0-9a-f]{40}-${A}$`)),
      Statement: {
        ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${A}:root` }, Action: 'events:PutEvents' },
        Condition: {
          StringEquals: {
            ...{ 'events:source': 'aws.states', 'events:detail-type': 'Step Functions Execution Status Change' },
          },
        },
      },
    });
    const promote = policies(made.staging).get('Promote')!;
    expect(resourcesFor(promote, /^states:/)).toEqual([
      `arn:aws:states:eu-west-1:${B}:stateMachine:lockstep-shop-staging`,
    ]);
    const listened = ofType(made.staging, 'AWS::Events::Rule').map(({ properties: { EventPattern } }) => EventPattern);
    expect(listened).toContainEqual(
      expect.objectContaining({
        ...{ source: ['aws.states'], account: [A] },
        detail: expect.objectContaining({ status: ['SUCCEEDED'] }),
      }),
    );
  });

  test('the parameter of the next one tells what comes before, for whoever shows them in order', () => {
    const told = (of: Template) => JSON.parse((only(of, 'AWS::SSM::Parameter') as { Value: string }).Value);
    expect(told(made.staging)).toMatchObject({ after: ['test'], production: false });
    expect(told(made.test)).toMatchObject({ after: [], production: false });
  });

  test('no finding of cdk-nag is left', () => {
    expect(made.report.pluginReports).toMatchObject([{ conclusion: 'success', violations: [] }]);
  });
});

test.each(['attestations', 'evidence'] as const)(
  '%s are signed and written by the functions for it alone, and stay',
  (signed) => {
    const key = only(made.test, 'AWS::KMS::Key', signed === 'attestations' ? 'AttestationKey' : 'EvidenceKey');
    expect(key).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const roles = signed === 'attestations' ? ['Report', 'ReportRestore', 'CloseRun'] : ['Attest'];
    const others = { Condition: { ArnNotEquals: { 'aws:PrincipalArn': roles.map((it) => `<${it}Role.Arn>`) } } };
    expect(statementsOf(key)).toContainEqual({
      ...{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 'kms:Sign', Resource: '*', ...others },
    });
    const bucket = statementsOf(only(made.test, 'AWS::S3::BucketPolicy', 'BundlesPolicy'));
    const deny = { Effect: 'Deny', Principal: { AWS: '*' } };
    const Resource = `<Bundles.Arn>/${signed}/*`;
    expect(bucket).toContainEqual({ ...deny, Action: 's3:PutObject', Resource, ...others });
    const forEver = bucket.find(
      (it) =>
        it.Effect === 'Deny' &&
        JSON.stringify(it.Action).includes('s3:DeleteObjectVersion') &&
        JSON.stringify(it.Resource).includes(Resource),
    );
    expect(forEver).toMatchObject({ Principal: { AWS: '*' } });
    expect(forEver).not.toHaveProperty('Condition');
  },
);

describe('a path that makes no sense is refused', () => {
  const before = { environment: 'staging', account: A, region: 'eu-west-1', bucket: 'bucket' };
  test.each<[string, PromotionPath[], string]>([
    ['after nothing', [{ after: [] }], 'promotion.paths.0.after'],
    [
      'after itself',
      [{ after: [{ ...before, environment: 'test' }] }],
      'promotion.regular.after: nothing comes after itself',
    ],
    ['twice of one name', [{ after: [before] }, { after: [before] }], 'promotion: there are two paths regular'],
    ['with a check of no name', [{ after: [before], evidence: ['E2E'] }], 'promotion.paths.0.evidence.0.name'],
    [
      'with a check from elsewhere',
      [{ after: [before], evidence: [{ name: 'e2e', in: 'dev' }] }],
      'dev is not on this path',
    ],
    [
      'with a check twice in one environment',
      [
        {
          after: [before],
          evidence: [{ name: 'uat', in: 'staging', by: ['x'] }, 'e2e', { name: 'uat', in: 'staging' }],
        },
      ],
      'promotion.regular.evidence: uat is asked for twice in staging',
    ],
    ...['(', ''].map((matching): [string, PromotionPath[], string] => [
      `with a pattern that is none, as "${matching}"`,
      [{ after: [before], evidence: [{ name: 'e2e', matching }] }],
      'promotion.regular.evidence.e2e.matching: no regular expression',
    ]),
    ['with approvals where nobody approves', [{ after: [before], approvals: 2 }], 'nobody approves here'],
    ['with approvers where nobody approves', [{ after: [before], by: ['dba'] }], 'nobody approves here'],
    [
      'with a run that gives up before its time has come',
      [{ after: [before], soak: Duration.hours(2), automatic: true, patience: Duration.hours(1) }],
      'promotion.regular.patience: it ends before `soak` does',
    ],
    [
      'with a run that has to wait for longer than it can',
      [{ after: [before], soak: Duration.days(8), automatic: true }],
      'promotion.regular.patience: it ends before `soak` does',
    ],
    [
      'with a run that waits for more than a week',
      [{ after: [before], automatic: true, patience: Duration.days(7).plus(Duration.seconds(1)) }],
      'promotion.regular.patience: at most a week',
    ],
  ])('%s', async (_, promotion, problem) => {
    await expect(pipelineTemplate({ promotion })).rejects.toThrow(problem);
  });

  test('with more approvals than there are people', async () => {
    const approval = Approval.byMail(['ada@example.com'], { expiresAfter: Duration.days(1) });
    const promotion = [{ after: [before], approvals: 2, by: ['ada@example.com', 'nobody', 'constructor'] }];
    const refused = pipelineTemplate({ approval, promotion });
    await expect(refused).rejects.toThrow('2 have to approve low risk, and 1 may');
    await expect(refused).rejects.toThrow('nobody is neither a person nor a group');
    await expect(refused).rejects.toThrow('constructor is neither a person nor a group');
  });
});
