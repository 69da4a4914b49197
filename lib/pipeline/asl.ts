/** The part of the Amazon States Language (JSONata) that the workflow is written in. */
export type StateMachine = {
  Comment: string;
  QueryLanguage: 'JSONata';
  StartAt: string;
  States: Record<string, State>;
};

/** A string `{% … %}` is a JSONata expression; anything else stands for itself. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

export type State = (
  | {
      Type: 'Task';
      Resource: string;
      Arguments: Value;
      TimeoutSeconds?: number | string;
      Retry?: Retry[];
      Catch?: Catch[];
    }
  | {
      Type: 'Choice';
      Choices: { Condition: string; Comment?: string; Next: string; Assign?: Value }[];
      Default: string;
    }
  | { Type: 'Wait'; Seconds: number | string }
  | { Type: 'Pass' }
  | { Type: 'Succeed' }
  | { Type: 'Fail'; Error: string; Cause: string }
  | InlineMap
  | DistributedMap
) & { Comment?: string; Output?: Value; Assign?: Value } & ({ Next: string } | { End: true } | object);

type InlineMap = {
  Type: 'Map';
  Items: string;
  ItemSelector?: Value;
  MaxConcurrency: number;
  ItemProcessor: { ProcessorConfig?: { Mode: 'INLINE' }; StartAt: string; States: Record<string, State> };
  Catch?: Catch[];
};

type DistributedMap = {
  Type: 'Map';
  Label: string;
  ItemReader: { Resource: string; ReaderConfig: { InputType: 'JSON' }; Arguments: Value };
  ItemSelector: Value;
  MaxConcurrency: number | string;
  ToleratedFailurePercentage?: number;
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED'; ExecutionType: 'STANDARD' };
    StartAt: string;
    States: Record<string, State>;
  };
  ResultWriter: { Resource: string; Arguments: Value };
  Catch?: Catch[];
};

export type Retry = {
  ErrorEquals: string[];
  IntervalSeconds: number;
  MaxAttempts: number;
  BackoffRate: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL';
};

export type Catch = { ErrorEquals: string[]; Assign?: Value; Output?: Value; Next: string };
