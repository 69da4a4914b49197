import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import manifest from '../../package.json' with { type: 'json' };
import { driftStateKey } from '../fleet/drift/state.ts';
import type { Rollout } from '../fleet/rollout.ts';
import type { FleetReach } from './fleet-reach.ts';
import { allow, keys, type StepProps, stepFunction } from './functions.ts';
import type { PreviewTaskName, TaskName } from './invoke.ts';
import type { JsonAsset } from './json-asset.ts';
import { previewMachineName } from './machine-names.ts';
import { previewWorkflow } from './preview-workflow.ts';
import type { MigrationPipelineProps } from './props.ts';
import { RestorePoint, ruleOf } from './restore-point-props.ts';
import { restorePointStatements } from './restore-point-statements.ts';
import { rulesDigest } from './rules-digest.ts';
import { stateMachine, stateMachineArn } from './state-machine.ts';

type Surroundings = {
  props: MigrationPipelineProps;
  rollout: Rollout;
  bucket: Bucket;
  ledger: Table;
  fleet: JsonAsset & { reach: FleetReach };
  policyAsset: JsonAsset | null;
  /** Digest of the paths by which bundles come here, if any are declared. */
  promotion: string | undefined;
  /** Of a run; it finds the fleet and looks at it by the same. */
  steps: Record<TaskName, LambdaFunction>;
  /** Name of the machine whose runs are previewed. */
  stateMachineName: string;
};

/** What previews exchange, and those who ask for them may read. */
export const PREVIEWS = 'runs/_preview/*';

/** What checks for drift have found. */
export const DRIFT_REPORTS = 'runs/_drift/*/report.json';

/**
 * The third state machine of an environment: it says what a run would do. Whoever may start it, as CI for a branch that
 * nobody has looked at yet, can change nothing by it, so it has functions and objects of its own wherever those of a
 * run could.
 */
export const previewMachine = (scope: Construct, it: Surroundings): { previewStateMachineArn: string } => {
  const stateMachineName = previewMachineName(it.stateMachineName);
  const own = stepsOf(scope, it);
  const functions = { ...it.steps, ...own };
  const used = [
    own.AdmitPreview,
    it.steps.Lint,
    it.steps.Discover,
    it.steps.InspectCluster,
    it.steps.Measure,
    own.PlanPreview,
  ];
  stateMachine(scope, {
    ...{ kind: 'Preview', stateMachineName, bucket: it.bucket, objects: PREVIEWS, functions: used },
    definition: previewWorkflow({
      functionArn: (task) => functions[task].functionArn,
      bucket: it.bucket.bucketName,
      rollout: it.rollout,
    }),
  });
  return { previewStateMachineArn: stateMachineArn(scope, stateMachineName) };
};

const stepsOf = (scope: Construct, it: Surroundings): Record<PreviewTaskName, LambdaFunction> => {
  const { bucket, ledger, fleet, policyAsset, rollout, props } = it;
  const { service, environment, unfit = 'refuse', restorePoint = RestorePoint.snapshot(), drift = {} } = props;
  const rule = ruleOf(restorePoint);
  const readBundles = allow(
    ['s3:GetObject'],
    ['bundles/*', 'previews/*'].map((key) => bucket.arnForObjects(key)),
  );
  const admit: Omit<StepProps, 'handler'> = {
    description: 'Checks the input and the bundle of a preview.',
    environment: { BUCKET: bucket.bucketName },
    allows: [readBundles],
  };
  const preview: Omit<StepProps, 'handler'> = {
    description: 'Says what a run would do.',
    environment: {
      ...{ BUCKET: bucket.bucketName, LEDGER_TABLE: ledger.tableName, SERVICE: service, ENVIRONMENT: environment },
      ...{ FLEET_BUCKET: fleet.bucket, FLEET_KEY: fleet.key, UNFIT: unfit },
      RULES: rulesDigest({ ...props, rollout, policy: policyAsset, promotion: it.promotion }),
      RESTORE_POINT: JSON.stringify(rule),
      VERSION: manifest.version,
      DRIFT: drift.policy ?? 'warn',
    },
    allows: [
      readBundles,
      allow(['s3:GetObject', 's3:PutObject'], [bucket.arnForObjects(PREVIEWS)]),
      allow(['s3:GetObject'], [fleet.arn]),
      // What runs have left in the fleet, what was attested of that before, and what the last check has found there.
      allow(
        ['s3:GetObject'],
        [driftStateKey, DRIFT_REPORTS, 'runs/*/plan.json'].map((key) => bucket.arnForObjects(key)),
      ),
      allow(['dynamodb:Query'], [ledger.tableArn], keys('EXPECTED')),
      ...restorePointStatements(scope, { kind: rule.kind, toClusters: fleet.reach.toClusters }).quota,
    ],
    memorySize: 1024,
  };
  return {
    AdmitPreview: stepFunction(scope, 'AdmitPreview', { handler: 'admit-preview', ...admit }),
    PlanPreview: stepFunction(scope, 'PlanPreview', { handler: 'plan-preview', ...preview }),
  };
};
