import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { type Cluster, FleetDeclaration, type Run } from '../lib/fleet/fleet.ts';
import { acquireLease } from '../lib/ledger/lease.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { recordRun } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';
import { bucket, fleetBucket, sfn, variable } from './services.ts';
import { task, type World } from './task.ts';

/** Lets a run in: the input is sound, the bundle is what its digest says, and nobody else is at work. */
export const handler = task({
  name: 'Admit',
  input: z.strictObject({
    input: z.strictObject({
      digest: z.string().regex(/^[0-9a-f]{64}$/, 'a bundle digest is 64 hexadecimal digits'),
      requestedBy: z.string().max(200).optional(),
    }),
    execution: z.string(),
    // It becomes a folder in the bucket and a tag of snapshots, and Step Functions allows more in a name than RDS in a tag.
    run: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_.=+@-]{0,79}$/,
        'name the execution with 1 to 80 of A-Z a-z 0-9 _ . = + @ -, beginning with a letter or digit',
      ),
    startedAt: z.string(),
  }),

  async run({ input, execution, run, startedAt }, world): Promise<Run> {
    await bucket().bundle(input.digest);
    const clusters = await fleet(world);
    const { token } = await acquireLease(ledger(), execution, world.now(), isRunning);
    const admitted = {
      run,
      execution,
      digest: input.digest,
      token,
      requestedBy: input.requestedBy ?? 'unknown',
      startedAt,
    };
    await recordRun(ledger(), { ...admitted, status: 'RUNNING' });
    await bucket().write(runKey(run, 'fleet'), clusters);
    return admitted;
  },
});

/** The fleet is written down for the run: what is deployed meanwhile doesn't change a run under way. */
const fleet = async ({ place: { partition, region, account } }: World): Promise<Cluster[]> => {
  const declared = FleetDeclaration.parse(await fleetBucket().json(variable('FLEET_KEY')));
  return declared.map(({ cluster, secret, databases }) => ({
    cluster,
    clusterArn: `arn:${partition}:rds:${region}:${account}:cluster:${cluster}`,
    secretArn: secret,
    databases,
  }));
};

/** An execution that is not known any more, or was never, is not running: AWS forgets them after 90 days. */
const isRunning = async (execution: string): Promise<boolean> => {
  try {
    const { status } = await sfn().send(new DescribeExecutionCommand({ executionArn: execution }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE';
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return false;
    throw error;
  }
};
