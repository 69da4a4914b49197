import { App, Duration, Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Approval, MigrationPipeline } from '../../../lib/index.ts';
import type { StateMachine } from '../../../lib/pipeline/asl.ts';
import { beginHold, holdState } from '../../../lib/pipeline/hold.ts';
import { invoker } from '../../../lib/pipeline/invoke.ts';
import { rolloutOf } from '../../../lib/pipeline/rollout-props.ts';
import { workflow } from '../../../lib/pipeline/workflow.ts';
import { people } from '../shop/people.ts';

// The pipeline as it is, and in it a hold after the last wave, whatever the waves did.
const app = new App();

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
  const failed = {
    ErrorEquals: ['States.ALL'],
    Assign: { failure: '{% $states.errorOutput %}' },
    Next: 'Report',
  };
  const definition = {
    ...top,
    States: {
      ...States,
      // Whatever becomes of its first wave, the rollout is held after it.
      Wave: { ...States.Wave, Next: 'BeginHold' },
      BeginHold: {
        Type: 'Pass',
        Assign: beginHold({ number: 1, wave: 1, reason: 'the alarm checkout-errors went off', canRevert: true }),
        Next: 'Hold',
      },
      Hold: holdState(invoker(functionArn), times, { next: 'Decided', otherwise: [failed] }),
      Decided: {
        Type: 'Choice',
        Choices: [{ Condition: "{% $decided.decision = 'resume' %}", Next: 'Converge' }],
        Default: 'Ended',
      },
      Ended: {
        Type: 'Pass',
        Assign: { failure: { Error: '{% $decided.decision %}', Cause: "{% $decided.by & ': ' & $decided.reason %}" } },
        Next: 'Report',
      },
    },
  } as StateMachine;
  const machine = pipeline.node.findChild('StateMachine') as CfnStateMachine;
  machine.definitionString = stack.toJsonString(definition);
}
