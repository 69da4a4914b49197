import type { Duration } from 'aws-cdk-lib';
import * as z from 'zod';
import { failure } from '../failure.ts';
import { FleetDeclaration } from '../fleet/fleet.ts';

/** A pipeline's props don't make sense; found while synthesizing, before anything is deployed. */
export const InvalidProps = failure(
  'InvalidProps',
  (it: { pipeline: string; problems: string[] }) =>
    `${it.pipeline} can't be deployed like this:\n  ${it.problems.join('\n  ')}`,
);

/** Whether people have to approve a plan before it is carried out. */
export type Approval =
  | { required: false }
  | {
      required: true;
      /** Mail addresses that get the request; each has to confirm its subscription once. */
      approvers: string[];
      /** How long they have; afterwards the run ends without having changed anything. */
      expiresAfter: Duration;
    };

export const Approval = {
  none: (): Approval => ({ required: false }),
  byMail: (approvers: string[], { expiresAfter }: { expiresAfter: Duration }): Approval => ({
    required: true,
    approvers,
    expiresAfter,
  }),
};

export type MigrationPipelineProps = {
  /** The service whose databases these are: lower case letters, digits, hyphens. */
  service: string;
  /** The environment, in the same letters. */
  environment: string;
  /**
   * The Aurora PostgreSQL clusters and what is in them. They exist already, have the Data API enabled, and are in the
   * account and region of the stack. `secret` is the name or the complete ARN of a Secrets Manager secret with
   * `username` and `password`.
   */
  fleet: FleetDeclaration;
  /** @default Approval.none() */
  approval?: Approval;
  /**
   * Clusters per wave; waves come one after another.
   * @default 1
   */
  waveSize?: number;
  /**
   * Clusters worked on at once within a wave.
   * @default 10
   */
  concurrency?: number;
  /**
   * How long a statement may wait for a lock before its migration fails.
   * @default 5 seconds
   */
  lockTimeout?: Duration;
};

/** @throws InvalidProps with everything that is wrong. */
export const checkProps = (pipeline: string, props: MigrationPipelineProps): void => {
  const checked = Shape.safeParse(props);
  const problems = checked.success
    ? []
    : checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const { fleet, approval } = props;
  const clusters = fleet.map(({ cluster }) => cluster);
  for (const cluster of new Set(clusters.filter((it, at) => clusters.indexOf(it) !== at))) {
    problems.push(`fleet: the cluster ${cluster} stands there twice`);
  }
  for (const { cluster, databases } of fleet) {
    for (const name of new Set(databases.filter((it, at) => databases.indexOf(it) !== at))) {
      problems.push(`fleet: the database ${name} stands twice in ${cluster}`);
    }
  }
  if (approval?.required) {
    const seconds = approval.expiresAfter.toSeconds();
    // An execution of Step Functions ends after a year.
    if (seconds < 60 || seconds > 31_536_000) problems.push('approval.expiresAfter: between one minute and one year');
    if (approval.approvers.length === 0) problems.push('approval.approvers: nobody could approve');
    for (const approver of approval.approvers) {
      if (!z.email().safeParse(approver).success)
        problems.push(`approval.approvers: ${approver} is not a mail address`);
    }
  }
  if (problems.length > 0) throw new InvalidProps({ pipeline, problems });
};

const name = z
  .string()
  .regex(/^[a-z](-?[a-z0-9])*$/, 'lower case letters, digits and single hyphens, beginning with a letter')
  .max(30);

const Shape = z.object({
  service: name,
  environment: name,
  fleet: FleetDeclaration.min(1, 'the fleet has no cluster'),
  waveSize: z.int().min(1).max(10_000).optional(),
  concurrency: z.int().min(1).max(1_000).optional(),
});
