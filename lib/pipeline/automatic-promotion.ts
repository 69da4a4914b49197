import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { CfnEventBusPolicy, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, EventBus as ToEventBus } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { sha256 } from '../migrations/digest.ts';
import { allow, stepFunction } from './functions.ts';
import { isSameAccount, type PromotionPath } from './promotion-props.ts';

type Surroundings = {
  service: string;
  ledger: Table;
  stateMachineArn: string;
  promotion: PromotionPath[];
};

/**
 * Starts a run where one has succeeded in an environment before. EventBridge may tell of it twice, or not at all: a name
 * that follows from what it tells of starts it once, and a run by hand is as good. The run is admitted as any other.
 */
export const automaticPromotion = (scope: Construct, it: Surroundings): void => {
  const ways = it.promotion.flatMap(({ name = 'regular', automatic, after }) =>
    automatic ? after.map((upstream) => ({ path: name, ...placeOf(upstream), environment: upstream.environment })) : [],
  );
  if (ways.length === 0) return;
  const { partition } = Stack.of(scope);
  const machines = ways.map(({ path, account, region, environment }) => ({
    path,
    account,
    stateMachineArn: `arn:${partition}:states:${region}:${account}:stateMachine:lockstep-${it.service}-${environment}`,
  }));
  const promote = stepFunction(scope, 'Promote', {
    handler: 'promote',
    description: 'Starts a run of what has succeeded in the environment before.',
    environment: {
      LEDGER_TABLE: it.ledger.tableName,
      STATE_MACHINE: it.stateMachineArn,
      PATHS: Stack.of(scope).toJsonString(machines.map(({ path, stateMachineArn }) => ({ path, stateMachineArn }))),
    },
    allows: [
      allow(['states:StartExecution'], [it.stateMachineArn]),
      // Who started it before has started it here, too.
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [it.ledger.tableArn], {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['STARTER#*'] },
      }),
    ],
  });
  const rule = new Rule(scope, 'SucceededBefore', {
    description: `Starts ${it.service} here when the environment before has succeeded.`,
    eventPattern: succeeded(
      machines.map(({ stateMachineArn }) => stateMachineArn),
      [...new Set(machines.map(({ account }) => account))],
    ),
  });
  rule.addTarget(new LambdaFunction(promote));
  for (const account of new Set(ways.map((way) => way.account).filter((one) => !isSameAccount(scope, one)))) {
    const bus = `arn:${partition}:events:${Stack.of(scope).region}:${Stack.of(scope).account}:event-bus/default`;
    new CfnEventBusPolicy(scope, `EventsFrom${account}`, {
      statementId: statementId(scope, account),
      statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: 'events:PutEvents',
        Resource: bus,
        // Not whatever that account likes to say: only what Step Functions tells there.
        Condition: { StringEquals: { 'events:source': SOURCE, 'events:detail-type': DETAIL_TYPE } },
      },
    });
  }
};

/** Sends it elsewhere when a run of this environment succeeds: a state machine's events reach its own account and region only. */
export const tellAccount = (
  scope: Construct,
  { account, region, stateMachineArn }: { account: string; region: string; stateMachineArn: string },
): void => {
  const { partition } = Stack.of(scope);
  const bus = `arn:${partition}:events:${region}:${account}:event-bus/default`;
  new Rule(scope, `Tells${account}${region}`, {
    description: `Tells account ${account} in ${region} of runs that have succeeded.`,
    eventPattern: succeeded([stateMachineArn], [Stack.of(scope).account]),
    targets: [new ToEventBus(EventBus.fromEventBusArn(scope, `BusOf${account}${region}`, bus))],
  });
};

const SOURCE = 'aws.states';
const DETAIL_TYPE = 'Step Functions Execution Status Change';

/** The bus is one for the account: two pipelines must not overwrite each other's statement. It takes 64 characters. */
const statementId = (scope: Construct, account: string): string =>
  `lockstep-${sha256(`${Stack.of(scope).stackName} ${scope.node.path}`).slice(0, 40)}-${account}`;

const succeeded = (stateMachineArn: string[], account: string[]) => ({
  source: [SOURCE],
  detailType: [DETAIL_TYPE],
  account,
  detail: { status: ['SUCCEEDED'], stateMachineArn },
});

const placeOf = (upstream: PromotionPath['after'][number]): { account: string; region: string } =>
  'keys' in upstream ? Stack.of(upstream) : upstream;
