/**
 * The Amazon States Language as far as the local Step Functions speaks it: query language JSONata only.
 * These types and the two tables below are the list of what is supported; everything else is refused when a
 * state machine is created.
 */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** A JSON value in which strings of the form `{% … %}` are JSONata. */
export type Template = Json;
export type Expression = string;

export type Machine = { StartAt: string; States: Record<string, State> };
export type Definition = Machine & {
  Comment?: string;
  Version?: '1.0';
  QueryLanguage?: 'JSONata';
  TimeoutSeconds?: number;
};

export type State = Pass | Task | Choice | Wait | Succeed | Fail | Parallel | MapState;
export type StateType = State['Type'];

type Common = { Comment?: string; QueryLanguage?: 'JSONata' };
type Flow = { Next?: string; End?: true };
export type Outcome = { Output?: Template; Assign?: Record<string, Template> };
export type Handling = { Retry?: Retrier[]; Catch?: Catcher[] };

export type Retrier = {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL' | 'NONE';
};
export type Catcher = Outcome & { ErrorEquals: string[]; Next: string; Comment?: string };

export type Pass = Common & Flow & Outcome & { Type: 'Pass' };
export type Task = Common &
  Flow &
  Outcome &
  Handling & {
    Type: 'Task';
    Resource: Resource;
    Arguments: Template;
    TimeoutSeconds?: number | Expression;
    HeartbeatSeconds?: number | Expression;
  };
export type Choice = Common & Outcome & { Type: 'Choice'; Choices: ChoiceRule[]; Default?: string };
export type ChoiceRule = Outcome & { Condition: boolean | Expression; Next: string; Comment?: string };
export type Wait = Common & Flow & Outcome & { Type: 'Wait'; Seconds?: number | Expression; Timestamp?: string };
export type Succeed = Common & { Type: 'Succeed'; Output?: Template };
export type Fail = Common & { Type: 'Fail'; Error?: string; Cause?: string };
export type Parallel = Common &
  Flow &
  Outcome &
  Handling & { Type: 'Parallel'; Arguments?: Template; Branches: Machine[] };
export type MapState = Common &
  Flow &
  Outcome &
  Handling & {
    Type: 'Map';
    Items?: Json[] | Expression;
    ItemReader?: ItemReader;
    ItemSelector?: Template;
    ItemProcessor: Machine & { ProcessorConfig?: ProcessorConfig };
    MaxConcurrency?: number | Expression;
    ToleratedFailureCount?: number | Expression;
    ToleratedFailurePercentage?: number | Expression;
    Label?: string;
    ResultWriter?: ResultWriter;
  };

export type ExecutionType = 'STANDARD' | 'EXPRESS';
export type ProcessorConfig = { Mode?: 'INLINE' } | { Mode: 'DISTRIBUTED'; ExecutionType: ExecutionType };
export type ItemReader = {
  Resource: 'arn:aws:states:::s3:getObject' | 'arn:aws:states:::s3:listObjectsV2';
  Arguments: Template;
  ReaderConfig?: {
    InputType?: 'JSON' | 'JSONL' | 'CSV';
    ItemsPointer?: string;
    MaxItems?: number | Expression;
    CSVDelimiter?: 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB';
    CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
    CSVHeaders?: string[];
  };
};
export type ResultWriter = {
  Resource?: 'arn:aws:states:::s3:putObject';
  Arguments?: Template;
  WriterConfig?: { Transformation?: 'NONE' | 'COMPACT' | 'FLATTEN'; OutputType?: 'JSON' | 'JSONL' };
};

export type Resource = keyof typeof RESOURCES;

/** Every supported service integration with the arguments it takes; the first ones are required. */
export const RESOURCES = {
  'arn:aws:states:::lambda:invoke': { required: ['FunctionName'], optional: ['Payload'] },
  'arn:aws:states:::lambda:invoke.waitForTaskToken': { required: ['FunctionName'], optional: ['Payload'] },
  'arn:aws:states:::states:startExecution': { required: ['StateMachineArn'], optional: ['Input', 'Name'] },
  'arn:aws:states:::states:startExecution.sync:2': { required: ['StateMachineArn'], optional: ['Input', 'Name'] },
} as const;

const ANY = ['Type', 'Comment', 'QueryLanguage'];
const FLOW = ['Next', 'End'];
const OUTCOME = ['Output', 'Assign'];
const HANDLING = ['Retry', 'Catch'];

/** Every supported field of every supported type of state. */
export const FIELDS: Record<StateType, string[]> = {
  Pass: [...ANY, ...FLOW, ...OUTCOME],
  Task: [...ANY, ...FLOW, ...OUTCOME, ...HANDLING, 'Resource', 'Arguments', 'TimeoutSeconds', 'HeartbeatSeconds'],
  Choice: [...ANY, ...OUTCOME, 'Choices', 'Default'],
  Wait: [...ANY, ...FLOW, ...OUTCOME, 'Seconds', 'Timestamp'],
  Succeed: [...ANY, 'Output'],
  Fail: [...ANY, 'Error', 'Cause'],
  Parallel: [...ANY, ...FLOW, ...OUTCOME, ...HANDLING, 'Arguments', 'Branches'],
  Map: [
    ...ANY,
    ...FLOW,
    ...OUTCOME,
    ...HANDLING,
    'Items',
    'ItemReader',
    'ItemSelector',
    'ItemProcessor',
    'MaxConcurrency',
    'ToleratedFailureCount',
    'ToleratedFailurePercentage',
    'Label',
    'ResultWriter',
  ],
};

export const isDistributed = (state: MapState) => state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
