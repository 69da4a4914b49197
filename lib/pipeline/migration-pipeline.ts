import { Stack } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { RECIPIENT } from '../approval/post.ts';
import { type PipelineAlarms, pipelineAlarms } from './alarms.ts';
import { approvalEndpoint } from './approval-endpoint.ts';
import { Approval, policyOf } from './approval-props.ts';
import { automaticPromotion, tellAccount } from './automatic-promotion.ts';
import { closeRuns } from './close-runs.ts';
import { dashboard } from './dashboard.ts';
import { driftMachine } from './drift-machine.ts';
import { acknowledgeFindings } from './findings.ts';
import { sourceOf, tableOf } from './fleet-props.ts';
import { fleetReach } from './fleet-reach.ts';
import { type Granted, grantAttest, grantPlan, grantRun } from './grants.ts';
import { jsonAsset } from './json-asset.ts';
import { driftMachineName, restoreMachineName } from './machine-names.ts';
import { declare } from './path-problems.ts';
import { previewMachine } from './preview-machine.ts';
import { promotionReach } from './promotion-reach.ts';
import { checkProps, isProduction, type MigrationPipelineProps } from './props.ts';
import { restoreMachine } from './restore-machine.ts';
import { rolloutOf } from './rollout-props.ts';
import { letRead, onlyThese, type SigningKeys, signingKeys } from './signing-keys.ts';
import { stateMachine, stateMachineArn } from './state-machine.ts';
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
  readonly service: string;
  readonly environment: string;
  /** Bundles, what runs write, and what is attested, which the next environment reads. */
  readonly bucket: Bucket;
  /** By which attestations and evidence are signed. */
  readonly keys: SigningKeys;
  /** What somebody should hear of; add actions of your own. */
  readonly alarms: PipelineAlarms;
  /** Start an execution with `{ "digest": "…", "requestedBy": "…" }` to bring the fleet to a bundle. */
  readonly stateMachineArn: string;
  /** Start an execution with `{ "run": "…", "swap": true }` to have clusters again as they were before a run. */
  readonly restoreStateMachineArn: string;
  /** Start an execution with `{}` to have the fleet looked at: which databases are not as they should be. */
  readonly driftStateMachineArn: string;
  /** Makes restored clusters: let it use the customer managed key of an encrypted cluster. */
  readonly restorer: IGrantable;
  /** What may be granted of it. */
  readonly granted: Granted;
  private readonly told = new Set<string>();

  constructor(scope: Construct, id: string, props: MigrationPipelineProps) {
    super(scope, id);
    checkProps(this, props);
    const { service, environment, approval = Approval.none(), databasesAtOnce = 1, promotion = [] } = props;
    declare({ pipeline: this, service, environment, promotion });
    this.service = service;
    this.environment = environment;
    const rollout = rolloutOf(props);
    const stack = Stack.of(this);
    // The name is given, so that a function's role can name the state machine that calls the function.
    const stateMachineName = `lockstep-${service}-${environment}`;
    this.stateMachineArn = stateMachineArn(this, stateMachineName);
    this.restoreStateMachineArn = stateMachineArn(this, restoreMachineName(stateMachineName));
    this.driftStateMachineArn = stateMachineArn(this, driftMachineName(stateMachineName));

    const { bucket, ledger, topic } = storage(this);
    this.bucket = bucket;
    this.keys = signingKeys(this, { service, environment });
    const arrival =
      promotion.length > 0
        ? promotionReach(this, { service, environment, promotion, bucket, keys: this.keys })
        : undefined;
    const policy = policyOf(approval, isProduction(props));
    for (const { name, mail } of policy?.people ?? []) {
      // Everybody gets what is meant for them, and nobody another one's link.
      const filterPolicy = { [RECIPIENT]: SubscriptionFilter.stringFilter({ allowlist: [name] }) };
      if (mail) topic.addSubscription(new EmailSubscription(mail, { filterPolicy }));
    }
    const policyAsset = policy && jsonAsset(this, 'Policy', policy);
    const endpoint = approvalEndpoint(this, {
      service,
      environment,
      bucket,
      ledger,
      stateMachineArns: [this.stateMachineArn, this.restoreStateMachineArn],
      policy,
      policyAsset,
      domain: props.endpoint,
      evidenceKey: this.keys.evidence,
    });
    const fleet = jsonAsset(this, 'Fleet', sourceOf(props.fleet));
    const table = tableOf(props.fleet);
    const reach = fleetReach(this, props.fleet);
    const steps = stepFunctions(this, {
      ...props,
      bucket,
      ledger,
      topic,
      fleet: { ...fleet, reach, table: table?.tableName },
      policy,
      policyAsset,
      rollout,
      arrival,
      attestationKey: this.keys.attestations,
      approvalUrl: endpoint.url,
      stateMachineArn: this.stateMachineArn,
      stateMachineName,
    });

    stateMachine(this, {
      ...{ kind: '', stateMachineName, bucket },
      functions: [...Object.values(steps), ...(props.healthCheck ? [props.healthCheck] : [])],
      definition: workflow({
        functionArn: (task) => steps[task].functionArn,
        bucket: bucket.bucketName,
        approval: policy,
        rollout,
        databasesAtOnce,
        waits: promotion.some(({ automatic }) => automatic),
        healthCheck: props.healthCheck ? { functionArn: props.healthCheck.functionArn, service, environment } : null,
      }),
    });

    const { previewStateMachineArn } = previewMachine(this, {
      ...{ props, rollout, bucket, ledger, fleet: { ...fleet, reach }, policyAsset, steps, stateMachineName },
      promotion: arrival?.digest,
    });
    const { stateMachineArn: runs } = this;
    this.granted = { bucket, ledger, stateMachineArn: runs, previewStateMachineArn, api: endpoint.api };

    const { restorer, report } = restoreMachine(this, {
      ...{ service, environment, reach, props, rollout, bucket, ledger, topic, policy, policyAsset },
      ...{ requestApproval: steps.RequestApproval, stateMachineName, attestationKey: this.keys.attestations },
    });
    this.restorer = restorer;
    const close = closeRuns(this, {
      ...{ service, environment, bucket, ledger, topic, policy, policyAsset, attestationKey: this.keys.attestations },
      machines: [this.stateMachineArn, this.restoreStateMachineArn],
    });
    onlyThese(this.keys.attestations, bucket, 'attestations', [steps.Report.role!, report.role!, close.role!]);
    onlyThese(this.keys.evidence, bucket, 'evidence', [endpoint.attest.role!]);
    automaticPromotion(this, { service, ledger, stateMachineArn: this.stateMachineArn, promotion });

    driftMachine(this, {
      ...{ service, environment, drift: props.drift ?? {}, reach, bucket, ledger, topic, policy, policyAsset },
      ...{ discover: steps.Discover, stateMachineName },
    });

    const before = promotion.flatMap(({ after }) => after);
    new StringParameter(this, 'Parameter', {
      parameterName: parameterName(service, environment),
      description: `The Lockstep pipeline of ${service} in ${environment}`,
      stringValue: stack.toJsonString({
        service,
        environment,
        stateMachineArn: this.stateMachineArn,
        restoreStateMachineArn: this.restoreStateMachineArn,
        previewStateMachineArn,
        driftStateMachineArn: this.driftStateMachineArn,
        bucket: bucket.bucketName,
        ledger: ledger.tableName,
        approvalUrl: endpoint.url,
        fleet: { bucket: fleet.bucket, key: fleet.key, ...(table ? { table: table.tableName } : {}) },
        policy: policyAsset && { bucket: policyAsset.bucket, key: policyAsset.key },
        ...{ after: before.map((it) => it.environment), production: isProduction(props) },
      }),
    });
    this.alarms = pipelineAlarms(this, { service, environment });
    dashboard(this, { service, environment }, this.alarms);
    acknowledgeFindings(this, { bucket, before, stateMachineName, more: reach.wildcards });
  }

  /** Lets somebody have bundles planned (`lockstep plan`), and change nothing. */
  grantPlan(to: IGrantable): void {
    grantPlan(to, this.granted);
  }

  /** Lets somebody start runs and follow them (`lockstep run`), and have bundles planned; approve they can't. */
  grantRun(to: IGrantable): void {
    grantPlan(to, this.granted);
    grantRun(to, this.granted);
  }

  /** Lets somebody say of bundles how checks of these names went (`lockstep attest`). */
  grantAttest(to: IGrantable, checks: string[]): void {
    grantAttest(to, this.granted, checks);
  }

  /**
   * Lets an environment elsewhere read and verify what this one attests, and hear of its successes. Within one CDK app,
   * its path does that; between apps, name its account and region here.
   */
  promotesTo({ account, region }: { account: string; region: string }): void {
    const place = `${account}/${region}`;
    if (this.told.has(place)) return;
    if (account !== Stack.of(this).account && ![...this.told].some((it) => it.startsWith(account)))
      letRead(account, this);
    this.told.add(place);
    tellAccount(this, { account, region, stateMachineArn: this.stateMachineArn });
  }
}
