import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { failure } from '../lib/failure.ts';
import { type Announcement, announce } from '../lib/ledger/requests.ts';
import { sha256 } from '../lib/migrations/digest.ts';
import { ledger } from './ledger.ts';
import { sfn, variable } from './services.ts';
import { task } from './task.ts';

/** What EventBridge tells of a run that has succeeded; its output is what Report has said. */
const Succeeded = z.object({
  detail: z.object({ executionArn: z.string(), stateMachineArn: z.string(), name: z.string(), output: z.string() }),
});

const Output = z.object({
  digest: z.string().nullable(),
  revert: z.string().nullable(),
  starter: z.string().nullable(),
  authors: z.array(z.string()),
});

const Paths = z.array(z.strictObject({ path: z.string(), stateMachineArn: z.string() }));

/**
 * Starts a run here of what has succeeded before, on each path that says so. Told twice, it starts one: its name follows
 * from what it is told. It proves nothing by that: the run is admitted as if a person had started it.
 */
export const handler = task({
  name: 'Promote',
  input: Succeeded,

  async run({ detail: { executionArn, stateMachineArn, name: upstream, output } }, { now, log }) {
    const { digest, revert, starter, authors } = Output.parse(JSON.parse(output));
    if (digest === null || revert !== null) return { started: [] };
    const started: string[] = [];
    for (const { path } of Paths.parse(JSON.parse(variable('PATHS'))).filter(
      (it) => it.stateMachineArn === stateMachineArn,
    )) {
      const name = `${digest.slice(0, 12)}-after-${sha256(`${path} ${executionArn}`).slice(0, 16)}`;
      if (starter !== null) await announced(name, { arn: starter, digest, authors, at: now().toISOString() });
      await start(name, { digest, path, waits: true, requestedBy: `Lockstep, after ${upstream}`.slice(0, 200) });
      log.info('started', { run: name, after: upstream });
      started.push(name);
    }
    return { started };
  },
});

/** A run's name was announced by somebody else, or for another bundle, than what starts it now. */
export const AnnouncedOtherwise = failure(
  'AnnouncedOtherwise',
  (it: { run: string; by: string; digest: string }) =>
    `${it.run} was not started: ${it.by} has announced it before, for bundle ${it.digest.slice(0, 12)}, and the first announcement holds. Start a run of the bundle by hand.`,
);

/**
 * Whoever started it before has started it here, and does not count among those who approve it. The first word holds:
 * if that is another one's, who approves could be whoever started it.
 */
const announced = async (run: string, it: Announcement): Promise<void> => {
  const { arn, digest } = await announce(ledger(), run, it);
  if (arn !== it.arn || digest !== it.digest) throw new AnnouncedOtherwise({ run, by: arn, digest });
};

const start = async (name: string, input: object): Promise<void> => {
  try {
    const stateMachineArn = variable('STATE_MACHINE');
    await sfn().send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
  }
};
