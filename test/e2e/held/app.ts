import { App, Duration, Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Approval, MigrationPipeline } from '../../../lib/index.ts';
import type { StateMachine } from '../../../lib/pipeline/asl.ts';
import { beginHold } from '../../../lib/pipeline/hold.ts';
import { rolloutOf } from '../../../lib/pipeline/rollout-props.ts';
import { workflow } from '../../../lib/pipeline/workflow.ts';
import { people } from '../shop/people.ts';

// The pipeline as it is, and in it a hold after its wave, whatever became of that.
const app = new App();

const alarming = { number: 1, wave: 1, reason: 'the alarm checkout-errors went off', canRevert: true };
const slack = { mode: 'app' as const, secret: 'lockstep/slack', team: 'T0HELD', channel: 'C0HELD' };
const limits = { expiresAfter: Duration.hours(8), remindBefore: Duration.hours(2) };

const environments: Record<string, Approval> = {
  held: Approval.by({ people, rules: { low: 1, medium: 1, high: 2 }, ...limits, mailLinkIsEnough: true, slack }),
  open: Approval.none(),
};

for (const [environment, approval] of Object.entries(environments)) {
  const stack = new Stack(app, environment);
  const fleet = [{ cluster: `shop-${environment}`, secret: `lockstep/shop-${environment}`, databases: ['shop'] }];
  const pipeline = new MigrationPipeline(stack, 'Migrations', { service: 'shop', environment, fleet, approval });
  const functionArn = (task: string) => (pipeline.node.findChild(task) as LambdaFunction).functionArn;
  const times = approval.required ? { expiresAfter: 28_800, remindBefore: 7_200 } : null;
  const { States, ...top } = workflow({
    functionArn,
    bucket: pipeline.bucket.bucketName,
    approval: times,
    rollout: rolloutOf({}),
    databasesAtOnce: 1,
    healthCheck: null,
  });
  const definition = {
    ...top,
    States: {
      ...States,
      // Whatever becomes of the first wave, the rollout is held after it, unless it was held before.
      Wave: { ...States.Wave, Next: 'HeldBefore' },
      HeldBefore: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $holds > 0 %}', Next: 'Gate' }],
        Default: 'BeginHold',
      },
      BeginHold: {
        Type: 'Pass',
        Assign: { holds: 1, ...beginHold(alarming) },
        Next: 'Hold',
      },
    },
  } as StateMachine;
  const machine = pipeline.node.findChild('StateMachine') as CfnStateMachine;
  machine.definitionString = stack.toJsonString(definition);
}
