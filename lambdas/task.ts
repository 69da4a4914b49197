import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { failure, isExpected } from '../lib/failure.ts';
import { countRetries } from './count-retries.ts';

/** A step was given something that it can't work with: a bug in the workflow, or a wrong execution input. */
export const InvalidInput = failure(
  'InvalidInput',
  (it: { task: string; problems: string[] }) => `${it.task} can't work with its input: ${it.problems.join('; ')}`,
);

export type Task<Input extends z.ZodType, Output> = {
  name: string;
  input: Input;
  /** Name of a failure that is none: the workflow asks again later. */
  asksAgain?: string;
  run: (input: z.output<Input>, world: World) => Promise<Output>;
};

/** What a step may use besides its input and its services. */
export type World = {
  now: () => Date;
  /** Milliseconds until Lambda ends this invocation. */
  remaining: () => number;
  /** `arn:partition:service:region:account` pieces of where the function runs. */
  place: { partition: string; region: string; account: string };
  log: Logger;
};

/**
 * Makes one step of the workflow a Lambda handler: parse the event, run, log a failure once, let it through unchanged
 * (Step Functions matches on its name).
 */
export const task = <Input extends z.ZodType, Output>({ name, input, asksAgain, run }: Task<Input, Output>) =>
  middy<unknown, Output, Error, Context>()
    .use(countRetries(name))
    .before((request) => {
      log.resetKeys();
      log.appendKeys({ task: name, request: request.context.awsRequestId, ...correlation(request.event) });
      const parsed = input.safeParse(request.event);
      if (!parsed.success) {
        throw new InvalidInput({
          task: name,
          problems: parsed.error.issues.map((it) => `${it.path.join('.')}: ${it.message}`),
        });
      }
      request.event = parsed.data;
    })
    .onError(({ error }) => {
      if (error?.name === asksAgain) return log.info(error?.message ?? '');
      log.error(error?.message ?? 'unknown', isExpected(error) ? { error: error.name } : { error: error as Error });
    })
    .handler((event, context) => run(event as z.output<Input>, world(context)));

const log = new Logger({ serviceName: 'lockstep' });

/** Logs of all steps of one run are found by its name. The event is not checked yet: only names are taken from it. */
const correlation = (event: unknown): Record<string, string | undefined> => ({
  run: textAt(event, 'run') ?? textAt(event, 'run', 'run'),
  execution: textAt(event, 'execution') ?? textAt(event, 'run', 'execution'),
  cluster: textAt(event, 'cluster', 'cluster'),
  database: textAt(event, 'database', 'database'),
});

const textAt = (value: unknown, ...path: string[]): string | undefined => {
  const found = path.reduce<unknown>((it, key) => (it as Record<string, unknown> | null | undefined)?.[key], value);
  return typeof found === 'string' ? found : undefined;
};

const world = (context: Context): World => {
  const [, partition = '', , region = '', account = ''] = context.invokedFunctionArn.split(':');
  return {
    now: () => new Date(),
    remaining: () => context.getRemainingTimeInMillis(),
    place: { partition, region, account },
    log,
  };
};
