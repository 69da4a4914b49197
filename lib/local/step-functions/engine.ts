import type { Clock } from '../clock.ts';
import type { Place } from '../service.ts';
import type { Archive } from './archive.ts';
import type { Definition, ExecutionType, Json, Machine } from './asl.ts';
import type { MapRun } from './distributed-map/map-run.ts';
import type { Executions } from './executions.ts';
import type { History } from './history.ts';
import type { Evaluate } from './jsonata/expression.ts';
import type { Progress } from './progress.ts';
import type { Switches } from './switches.ts';
import type { TaskTokens } from './task-tokens.ts';

/**
 * `error` is Lambda's errorType, `cause` Lambda's JSON error document as a string; `lasts` says how much longer it takes
 * by the clock, where the work itself was done in no time of it.
 */
export type Invocation = ({ ok: true; payload: unknown } | { ok: false; error: string; cause: string }) & {
  lasts?: number;
};

type As = { roleArn: string };

export type StepFunctionsOptions = {
  place: Place;
  clock: Clock;
  /** Invokes a Lambda function (ARN or name, maybe with :alias) as the state machine's role. */
  invoke: (functionArn: string, payload: unknown, as: As) => Promise<Invocation>;
  /** S3 as the state machine's role; a failure is an Error whose name is S3's code (NoSuchKey, AccessDenied). */
  objects: {
    get(bucket: string, key: string, as: As, versionId?: string): Promise<Buffer>;
    /** The body's text, or its bytes piece by piece. */
    put(bucket: string, key: string, body: string | Iterable<Buffer>, as: As): Promise<void>;
    list(
      bucket: string,
      prefix: string,
      as: As,
    ): Promise<{ key: string; size: number; etag: string; lastModified: Date }[]>;
  };
  /** AWS's sentence if the state machine's role may not do this; undefined if it may. @default it may */
  refusal?: (action: string, resource: string, as: As) => string | undefined;
  /** How many children a map run starts in a second, all of them at once; AWS: up to 100 standard ones. @default any number */
  childrenPerSecond?: number | undefined;
  /** Where to leave what children of maps have done. @default it stays in memory */
  archive?: Archive;
  /** Told of every status of every execution that EventBridge is told of. */
  onStatus?: (execution: Execution) => void;
  /** @default SWITCHES */
  switches?: Partial<Switches>;
};

export type Engine = Omit<StepFunctionsOptions, 'switches'> & {
  switches: Switches;
  evaluate: Evaluate;
  tokens: TaskTokens;
  executions: Executions;
};

export type LoggingConfiguration = { level?: string; includeExecutionData?: boolean; destinations?: unknown[] };

/** One revision of a state machine; executions keep theirs when the next one comes. */
export type StateMachine = {
  arn: string;
  name: string;
  roleArn: string;
  text: string;
  definition: Definition;
  revisionId: string;
  creationDate: Date;
  updateDate: Date;
  loggingConfiguration: LoggingConfiguration;
};

export type ExecutionStatus = 'PENDING_REDRIVE' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export type Execution = {
  arn: string;
  name: string;
  type: ExecutionType;
  stateMachine: StateMachine;
  /** What it runs: the whole definition, or for a child of a distributed map that map's processor. */
  machine: Machine & { TimeoutSeconds?: number };
  mapRun: MapRun | undefined;
  input: Json;
  inputText: string;
  status: ExecutionStatus;
  startDate: Date;
  stopDate?: Date;
  output?: string;
  error?: string;
  cause?: string;
  history: History;
  /** States entered and retries made by its own history; see `transitions` for what is billed. */
  steps: number;
  mapRuns: MapRun[];
  progress: Progress;
  redriveCount: number;
  redriveDate?: Date;
  /** What the last RedriveExecution named, so that its repetition isn't another. */
  redriveToken?: string | undefined;
  /** Ends it as StopExecution does. */
  stop(error?: string, cause?: string): void;
  /** Resolves, never rejects, when it has ended in whatever way. */
  ended: Promise<void>;
};
