import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { failure } from '../failure.ts';
import type { PlannedDrift } from '../fleet/drift/planned.ts';
import type { Plan } from '../fleet/plan.ts';
import { objects, previewBundleKey, previewName, runKey } from '../ledger/objects.ts';
import { canonical } from '../migrations/digest.ts';
import type { Clients } from './clients.ts';
import { appears, executionArnOf, isOver } from './execution.ts';
import type { Pipeline } from './pipelines.ts';
import type { Given } from './which-bundle.ts';

/** What a run would do in an environment, or why none could be planned. */
export type Preview = {
  service: string;
  environment: string;
  digest: string;
  /** With the drift in its fleet; an environment that an earlier version has deployed tells of none. */
  plan: (Plan & { planDigest: string; drift?: PlannedDrift[] }) | null;
  failure: { error: string; cause: string } | null;
};

/** The environment was deployed by an earlier version, which has nothing that could plan without running. */
export const NoPreviews = failure(
  'NoPreviews',
  (it: { environment: string }) =>
    `${it.environment} was deployed by a version of Lockstep that can't plan without running. Deploy it again.`,
);

/**
 * Has a bundle planned and waits for it. A bundle that is here is put where only previews look for it: whoever may call
 * this need not be one who may have anything run.
 */
export const preview = async (
  { s3, sfn }: Clients,
  { service, environment, bucket, previewStateMachineArn: stateMachineArn }: Pipeline,
  { digest, here }: Given,
  wait: (milliseconds: number) => Promise<unknown> = (milliseconds) => sleep(milliseconds),
): Promise<Preview> => {
  if (stateMachineArn === undefined) throw new NoPreviews({ environment });
  if (here) {
    const object = { Bucket: bucket, Key: previewBundleKey(digest), Body: canonical(here) };
    await s3.send(new PutObjectCommand({ ...object, ContentType: 'application/json' }));
  }
  const name = `${digest.slice(0, 12)}-${randomUUID()}`;
  const input = JSON.stringify({ digest });
  const executionArn = executionArnOf(stateMachineArn, name);
  await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input })).catch((error) => {
    // Nobody else has that name: the answer to an earlier try was lost, and the preview has ended since.
    if (error.name !== 'ExecutionAlreadyExists') throw error;
  });
  await appears({ sfn }, executionArn, wait);
  const named = { service, environment, digest };
  for (let pause = SHORTEST; ; pause = Math.min(LONGEST, pause * 1.5)) {
    const { status, error = '', cause = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') {
      const plan = (await objects(s3, bucket).json(runKey(previewName(name), 'plan'))) as Preview['plan'];
      return { ...named, plan, failure: null };
    }
    if (isOver(status)) return { ...named, plan: null, failure: { error, cause: sentence(cause) } };
    await wait(pause);
  }
};

/** Milliseconds between looks: small fleets are planned in seconds, large ones in minutes. */
const SHORTEST = 500;
const LONGEST = 5_000;

/** Lambda tells a failure as JSON. */
const sentence = (cause: string): string => {
  try {
    return String(JSON.parse(cause).errorMessage ?? cause);
  } catch {
    return cause;
  }
};
