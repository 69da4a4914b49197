import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { approvalEndpoint } from './approval-endpoint.ts';
import { acknowledgeFindings } from './findings.ts';
import { fleetAsset } from './fleet-asset.ts';
import { Approval, checkProps, type MigrationPipelineProps } from './props.ts';
import { stateMachineRole } from './roles.ts';
import { stepFunctions } from './steps.ts';
import { storage } from './storage.ts';
import { workflow } from './workflow.ts';

/** Where a deployed pipeline is found: one parameter per environment, read by the CLI. */
export const parameterName = (service: string, environment: string): string => `/lockstep/${service}/${environment}`;

/**
 * Keeps the databases of one environment on one schema: a state machine, a Lambda function for each of its steps,
 * a bucket for bundles and plans, a ledger, and a page where people approve.
 */
export class MigrationPipeline extends Construct {
  /** Start an execution with `{ "digest": "…", "requestedBy": "…" }` to bring the fleet to a bundle. */
  readonly stateMachineArn: string;

  constructor(scope: Construct, id: string, props: MigrationPipelineProps) {
    super(scope, id);
    checkProps(this.node.path, props);
    const { service, environment, approval = Approval.none(), concurrency = 10 } = props;
    const stack = Stack.of(this);
    // The name is given, so that a function's role can name the state machine that calls the function.
    const stateMachineName = `lockstep-${service}-${environment}`;
    this.stateMachineArn = Arn.format(
      {
        service: 'states',
        resource: 'stateMachine',
        resourceName: stateMachineName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      },
      stack,
    );

    const { bucket, ledger, topic } = storage(this);
    if (approval.required) {
      for (const approver of approval.approvers) topic.addSubscription(new EmailSubscription(approver));
    }
    const endpoint = approvalEndpoint(this, { bucket, ledger, stateMachineArn: this.stateMachineArn });
    const fleet = fleetAsset(this, props.fleet);
    const steps = stepFunctions(this, {
      ...props,
      bucket,
      ledger,
      topic,
      fleet: { ...fleet, declaration: props.fleet },
      approvalUrl: endpoint.url,
      stateMachineArn: this.stateMachineArn,
      stateMachineName,
    });

    // AWS asks for this prefix: it keeps the log group out of a resource policy that may hold 5,120 characters in all.
    const log = new LogGroup(this, 'Log', {
      logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
      retention: RetentionDays.ONE_YEAR,
    });
    const role = stateMachineRole(this, {
      bucket,
      functions: Object.values(steps),
      stateMachineArn: this.stateMachineArn,
      stateMachineName,
    });
    const machine = new CfnStateMachine(this, 'StateMachine', {
      stateMachineName,
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: stack.toJsonString(
        workflow({
          functionArn: (task) => steps[task].functionArn,
          bucket: bucket.bucketName,
          approvalSeconds: approval.required ? approval.expiresAfter.toSeconds() : null,
          concurrency,
        }),
      ),
      // Execution data holds task tokens.
      loggingConfiguration: {
        level: 'ALL',
        includeExecutionData: false,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: log.logGroupArn } }],
      },
      tracingConfiguration: { enabled: true },
    });
    machine.node.addDependency(role);

    new StringParameter(this, 'Parameter', {
      parameterName: parameterName(service, environment),
      description: `The Lockstep pipeline of ${service} in ${environment}`,
      stringValue: stack.toJsonString({
        service,
        environment,
        stateMachineArn: this.stateMachineArn,
        bucket: bucket.bucketName,
        ledger: ledger.tableName,
        approvalUrl: endpoint.url,
        fleet: { bucket: fleet.bucket, key: fleet.key },
      }),
    });
    acknowledgeFindings(this, { bucket, stateMachineName });
  }
}
