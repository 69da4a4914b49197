import { PutObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { bundleKey } from '../ledger/objects.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { canonical } from '../migrations/digest.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';

/** Puts a bundle where an environment finds it, unless it is there already. */
export const uploadBundle = async (
  { s3 }: Clients,
  { bucket }: Pipeline,
  it: { bundle: Bundle; digest: string },
): Promise<void> => {
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: bundleKey(it.digest),
        Body: canonical(it.bundle),
        ContentType: 'application/json',
        IfNoneMatch: '*',
      }),
    );
  } catch (error) {
    // Same digest, same content.
    if (!(error instanceof Error) || error.name !== 'PreconditionFailed') throw error;
  }
};

/** Uploads a bundle and starts a run of it. */
export const startRun = async (
  clients: Clients,
  pipeline: Pipeline,
  it: { bundle: Bundle; digest: string; requestedBy: string },
): Promise<{ execution: string; run: string }> => {
  await uploadBundle(clients, pipeline, it);
  const run = `${it.digest.slice(0, 12)}-${new Date()
    .toISOString()
    .replace(/[^0-9]/g, '')
    .slice(0, 17)}`;
  const { executionArn = '' } = await clients.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: pipeline.stateMachineArn,
      name: run,
      input: JSON.stringify({ digest: it.digest, requestedBy: it.requestedBy }),
    }),
  );
  return { execution: executionArn, run };
};
