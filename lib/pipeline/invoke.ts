import type { Retry, Value } from './asl.ts';

/** The steps that are Lambda functions: state here, `lambdas/<kebab-case>.ts`, and construct share the name. */
export const tasks = [
  'Admit',
  'Lint',
  'Discover',
  'InspectCluster',
  'Measure',
  'Plan',
  'RequestApproval',
  'Gate',
  'Park',
  'Hold',
  'EnsureRestorePoint',
  'Apply',
  'Verify',
  'RecordFailure',
  'Converge',
  'Report',
] as const;

export type TaskName = (typeof tasks)[number];

/** The steps of a restore. It asks for approval by the same function as a run. */
export const restoreTasks = [
  'AdmitRestore',
  'PlanRestore',
  'AdvanceRestore',
  'CheckRestored',
  'ReportRestore',
] as const;

export type RestoreTaskName = (typeof restoreTasks)[number];

/** The steps of a preview that are its own; it finds the fleet and looks at it by the functions of a run. */
export const previewTasks = ['AdmitPreview', 'PlanPreview'] as const;

export type PreviewTaskName = (typeof previewTasks)[number];

/** The steps of a check for drift that are its own. */
export const driftTasks = ['FingerprintCluster', 'FindDrift', 'TellDrift'] as const;

export type DriftTaskName = (typeof driftTasks)[number];

export type Invoke = ReturnType<typeof invoker<TaskName>>;

/** Makes the states that call these functions. */
export type Invokes<Task extends string> = (
  task: Task,
  payload: Value,
  how?: { waitForTaskToken?: boolean },
) => ReturnType<Invoke>;

/** Makes the states that call a function; the way of a task's payload to its function and back. */
export const invoker =
  <Task extends string>(functionArn: (task: Task) => string) =>
  (task: Task, payload: Value, { waitForTaskToken = false } = {}) => ({
    Type: 'Task' as const,
    Resource: `arn:aws:states:::lambda:invoke${waitForTaskToken ? '.waitForTaskToken' : ''}`,
    Arguments: { FunctionName: functionArn(task), Payload: payload },
    Retry: [lambdaTrouble],
  });

export const readItems = (bucket: string, key: string, version?: string) => ({
  Resource: 'arn:aws:states:::s3:getObject',
  ReaderConfig: { InputType: 'JSON' as const },
  Arguments: { Bucket: bucket, Key: `{% ${key} %}`, ...(version ? { VersionId: `{% ${version} %}` } : {}) },
});

export const writeResults = (bucket: string, prefix: string) => ({
  Resource: 'arn:aws:states:::s3:putObject',
  Arguments: { Bucket: bucket, Prefix: `{% ${prefix} %}` },
});

/** Every step may be run twice without harm, so it may be tried again whatever became of the first try. */
export const lambdaTrouble: Retry = {
  ErrorEquals: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'Lambda.Unknown',
    'Sandbox.Timedout',
    'Runtime.ExitError',
  ],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
};

const THROTTLED = ['ThrottlingException', 'Throttling'];

/** AWS turns callers away when many ask, for longer than a function waits: no reason to end a run. */
export const throttled: Retry = {
  ErrorEquals: THROTTLED,
  IntervalSeconds: 5,
  MaxAttempts: 8,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
};

/** A cluster that is being modified or backed up takes no snapshot for a while. */
export const clusterBusy: Retry = {
  ErrorEquals: ['InvalidDBClusterStateFault', ...THROTTLED],
  IntervalSeconds: 30,
  MaxAttempts: 20,
  BackoffRate: 1.5,
  MaxDelaySeconds: 120,
  JitterStrategy: 'FULL',
};
