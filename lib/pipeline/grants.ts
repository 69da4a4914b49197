import { Stack } from 'aws-cdk-lib';
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { allow } from './functions.ts';
import { PREVIEWS } from './preview-machine.ts';

/** What there is to be allowed of a pipeline. */
export type Granted = {
  bucket: Bucket;
  ledger: Table;
  stateMachineArn: string;
  previewStateMachineArn: string;
  /** The approval endpoint's. */
  api: IHttpApi;
};

/** What `lockstep plan` needs: to put a bundle where no run finds it, and to have it planned. */
export const grantPlan = (to: IGrantable, it: Granted): void => {
  for (const statement of [
    findsPipelines(it),
    allow(['states:StartExecution'], [it.previewStateMachineArn]),
    allow(['states:DescribeExecution'], [executionsOf(it.previewStateMachineArn)]),
    allow(['s3:PutObject'], objects(it, plan.puts)),
    allow(['s3:GetObject'], objects(it, plan.reads)),
  ])
    to.grantPrincipal.addToPrincipalPolicy(statement);
};

/**
 * What `lockstep run` needs besides: to put a bundle where runs find it, to announce a run, to start it and to follow
 * it. What people answer can neither be said nor be read: with the key of a form one could answer for others.
 */
export const grantRun = (to: IGrantable, it: Granted): void => {
  for (const statement of [
    // To list is to find what was started by itself: nobody has told its name.
    allow(['states:StartExecution', 'states:ListExecutions'], [it.stateMachineArn]),
    allow(['states:DescribeExecution', 'states:GetExecutionHistory'], [executionsOf(it.stateMachineArn)]),
    allow(['s3:PutObject'], objects(it, run.puts)),
    allow(['s3:GetObject'], objects(it, run.reads)),
    allow(['dynamodb:GetItem', 'dynamodb:Query'], [it.ledger.tableArn], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['CONTROL#*', 'RUN#*'] },
    }),
    allow(['execute-api:Invoke'], [arn(it, 'execute-api', `${it.api.apiId}${ANNOUNCEMENT}`)]),
  ])
    to.grantPrincipal.addToPrincipalPolicy(statement);
};

/** What `lockstep attest` needs for checks of these names: to find the pipeline, and to say of any bundle how they went. */
export const grantAttest = (to: IGrantable, it: Granted, checks: string[]): void => {
  const resources = checks.map((name) => arn(it, 'execute-api', `${it.api.apiId}${evidenceOf(name)}`));
  for (const statement of [findsPipelines(it), allow(['execute-api:Invoke'], resources)])
    to.grantPrincipal.addToPrincipalPolicy(statement);
};

/** Pipelines are found by the prefix of their parameters; there are names and addresses in these, no secrets. */
const findsPipelines = (it: Granted): PolicyStatement =>
  allow(
    ['ssm:GetParametersByPath'],
    ['lockstep', 'lockstep/'].map((path) => arn(it, 'ssm', `parameter/${path}`)),
  );

/** Resources with a wildcard among all of these, as cdk-nag calls them in a stack. */
export const grantedWildcards = (
  stack: Stack,
  it: Granted,
  checks: string[] = [],
): Record<'plan' | 'run' | 'attest', string[]> => {
  const bucket = seen(stack, Stack.of(it.bucket), it.bucket.bucketArn);
  const api = seen(stack, Stack.of(it.bucket), it.api.apiId);
  const keys = ({ puts, reads }: typeof plan) => [...puts, ...reads].map((key) => `${bucket}/${key}`);
  const endpoint = (path: string) => flat(stack.resolve(arn(it, 'execute-api', `${api}${path}`)));
  const executions = (machine: string) => flat(stack.resolve(executionsOf(machine)));
  return {
    plan: [...keys(plan), executions(it.previewStateMachineArn)],
    run: [...keys(run), executions(it.stateMachineArn), endpoint(ANNOUNCEMENT)],
    attest: checks.map((name) => endpoint(evidenceOf(name))),
  };
};

const plan = { puts: ['previews/*'], reads: ['bundles/*', PREVIEWS] };
const run = { puts: ['bundles/*'], reads: ['runs/*/plan.json', 'runs/*/report.json'] };
const ANNOUNCEMENT = '/$default/POST/runs/*/announcement';

const evidenceOf = (check: string): string => `/$default/POST/bundles/*/evidence/${check}`;

const objects = ({ bucket }: Granted, keys: string[]): string[] => keys.map((key) => bucket.arnForObjects(key));

const arn = ({ bucket }: Granted, service: string, rest: string): string => {
  const { partition, region, account } = Stack.of(bucket);
  return `arn:${partition}:${service}:${region}:${account}:${rest}`;
};

/** All executions of a state machine. */
export const executionsOf = (stateMachineArn: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:*`;

/** By its logical id or, where another stack has it, by the name it is exported under. */
const seen = (stack: Stack, owner: Stack, value: string): string =>
  owner === stack ? flat(stack.resolve(value)) : stack.resolve(owner.exportValue(value))['Fn::ImportValue'];

const flat = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const [[key, argument] = []] = Object.entries(value as Record<string, unknown>);
  if (key === 'Fn::Join') return (argument as [string, unknown[]])[1].map(flat).join('');
  if (key === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  return `<${argument}>`;
};
