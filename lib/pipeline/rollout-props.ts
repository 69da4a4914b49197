import type { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as z from 'zod';
import { type OnHalt, Rollout } from '../fleet/rollout.ts';
import { FailureBudget } from '../fleet/waves.ts';
import type { Fleet } from './fleet-props.ts';
import { Wave } from './wave.ts';
import { waveProblems } from './wave-problems.ts';
import { type WindowsProps, windowsOf, windowsProblems } from './window-props.ts';

export type RolloutProps = {
  /**
   * The waves, one after another; the last one takes the rest.
   * @default [Wave.canary(1), Wave.percent(10), Wave.percent(50), Wave.rest()]
   */
  waves?: Wave[];
  /**
   * How many databases of a wave may fail before no other is started there and the rollout is halted: a number, or a
   * share of the wave's databases, as `'5%'` or, of thousands, `'0.5%'`, rounded down to whole databases. What is at work
   * then is left to finish.
   * @default 0
   */
  failureBudget?: FailureBudget;
  /**
   * How long `alarms` are watched after each wave before the next one.
   * @default not at all
   */
  bake?: Duration;
  /** Alarms that halt the rollout: before the first wave, during each, and while it bakes. In the pipeline's account and region. */
  alarms?: IAlarm[];
  /**
   * A function of yours that is asked after each wave, once it has baked: `{ service, environment, run, wave }`. Whatever it
   * answers but `{ "healthy": true }` halts the rollout, for the `reason` that it gives.
   */
  healthCheck?: IFunction;
  /**
   * What to do with a rollout that is halted. `stop`: the run ends, the next one goes on with what is left. `hold`: it
   * waits for a person, who has it resumed, taken back or abandoned. `revert`: what this run has applied is taken back,
   * if each of its migrations has a down file; otherwise it is held.
   * @default 'stop'
   */
  onHalt?: OnHalt;
  /**
   * Clusters worked on at once within a wave.
   * @default 10
   */
  concurrency?: number;
  /**
   * Databases worked on at once within a cluster, or within each fifty databases of a larger one; with more than one, one that waits for a lock delays no other.
   * @default 1
   */
  databasesAtOnce?: number;
  /**
   * When changes may be made: a wave begins only then, and only if it is likely to be done before that is over.
   * @default at any time
   */
  windows?: WindowsProps;
};

/** The rollout as the workflow has it, complete. */
export const rolloutOf = (props: RolloutProps): Rollout => {
  const { waves = DEFAULT_WAVES, alarms = [], onHalt = 'stop', concurrency = 10, failureBudget = 0 } = props;
  return {
    waves: waves.map(({ taking, options }) => ({
      ...taking,
      concurrency: options.concurrency ?? concurrency,
      failureBudget: options.failureBudget ?? failureBudget,
      bake: (options.bake ?? props.bake)?.toSeconds() ?? 0,
    })),
    onHalt,
    alarms: alarms.map(({ alarmName }) => alarmName),
    healthCheck: props.healthCheck !== undefined,
    ...(props.windows ? { windows: windowsOf(props.windows) } : {}),
  };
};

const DEFAULT_WAVES = [Wave.canary(1), Wave.percent(10), Wave.percent(50), Wave.rest()];

/** Sentences about what is wrong. Names of alarms may be known only at deployment. */
export const rolloutProblems = (props: RolloutProps & { fleet: Fleet }): string[] => {
  const own = problemsOf(Own, props);
  // Every wave has what is said for all: once is enough.
  const rollout = rolloutOf({ ...props, windows: undefined });
  const problems = own.length > 0 ? own : problemsOf(Rollout, rollout);
  if (problems.length === 0) problems.push(...waveProblems(rollout.waves, props.fleet));
  const { waves = DEFAULT_WAVES, windows } = props;
  if (windows) problems.push(...windowsProblems(windows, waves.length));
  const last = waves.at(-1)?.taking;
  if (last && last.take !== 'rest' && !(last.take === 'percent' && last.percent === 100)) {
    problems.push('waves: the last one has to take all that are left: Wave.rest()');
  }
  return problems;
};

const Own = z.object({
  concurrency: z.int('a whole number').min(1, 'at least 1').max(1_000, 'at most 1,000').optional(),
  databasesAtOnce: z.int('a whole number').min(1, 'at least 1').max(40, 'at most 40').optional(),
  failureBudget: FailureBudget.optional(),
});

const problemsOf = (shape: z.ZodType, value: unknown): string[] =>
  shape.safeParse(value, { reportInput: true }).error?.issues.map(({ path, message, input }) => {
    const found = typeof input === 'string' || typeof input === 'number' ? `, not ${JSON.stringify(input)}` : '';
    return `${path.join('.')}: ${message}${found}`;
  }) ?? [];
