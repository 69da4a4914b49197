import type { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { failure } from '../failure.ts';
import type { LintPolicy } from '../migrations/lint/policy.ts';
import { policyProblems } from '../migrations/lint/policy-problems.ts';
import type { EndpointDomain } from './approval-endpoint.ts';
import { approvalProblems } from './approval-problems.ts';
import { type Approval, policyOf } from './approval-props.ts';
import { type Drift, driftProblems } from './drift-props.ts';
import { fleetProblems } from './fleet-problems.ts';
import type { Fleet } from './fleet-props.ts';
import { unknownProps } from './known-props.ts';
import { pathProblems } from './path-problems.ts';
import { type PromotionPath, promotionProblems } from './promotion-props.ts';
import { type RestorePoint, restorePointProblems } from './restore-point-props.ts';
import { type RolloutProps, rolloutProblems } from './rollout-props.ts';

/** A pipeline's props don't make sense; found while synthesizing, before anything is deployed. */
export const InvalidProps = failure(
  'InvalidProps',
  (it: { pipeline: string; problems: string[] }) =>
    `${it.pipeline} can't be deployed like this:\n  ${it.problems.join('\n  ')}`,
);

export type MigrationPipelineProps = RolloutProps & {
  /** The service whose databases these are: lower case letters, digits, hyphens. */
  service: string;
  /** The environment, in the same letters. */
  environment: string;
  /**
   * The Aurora PostgreSQL clusters and what is in them. They exist already, have the Data API enabled, and are in the
   * account and region of the stack. `secret` is the name or the complete ARN of a Secrets Manager secret with
   * `username` and `password`. Of a list, some 200 clusters fit into the policies that a role may have; CDK warns of
   * more. `Fleet` finds any number when a run begins: by tags, in a table, by a query.
   */
  fleet: Fleet;
  /**
   * What to do with a cluster that can't be worked on: one that is stopped, that has no Data API, whose PostgreSQL is
   * too old for it … `refuse` makes no plan while there is one, `skip` leaves it out of the waves and lists it.
   * @default 'refuse'
   */
  unfit?: 'refuse' | 'skip';
  /** @default Approval.none() */
  approval?: Approval;
  /**
   * Whether a mistake here hurts customers: a link in a mail is not enough to approve then, and pages say so in red.
   * @default whether the environment's name begins with prod
   */
  production?: boolean;
  /**
   * What counts here when the SQL of a bundle is linted, beyond what `lint.json` beside the migrations says: it has the
   * last word on `rules`, makes `exceptions`, and is `strict` about rules from which files may make none.
   */
  lint?: LintPolicy;
  /**
   * The paths by which a bundle comes here, the first unless a run names another: where it has to have succeeded before,
   * for how long, and what else has to be attested. Nothing else is admitted.
   * @default any bundle may come here: the first environment
   */
  promotion?: PromotionPath[];
  /** A domain of one's own for the approval pages. @default API Gateway's address */
  endpoint?: EndpointDomain;
  /**
   * What each cluster can be taken back to: made before its first change, and waited for.
   * @default RestorePoint.snapshot()
   */
  restorePoint?: RestorePoint;
  /** When to look for schemas that changed though no migration has run, and what becomes of that. @default {} */
  drift?: Drift;
  /**
   * How long a statement may wait for a lock before it gives up. A migration's file may say otherwise.
   * @default 10 seconds
   */
  lockTimeout?: Duration;
  /**
   * How long a migration that found something locked is tried again before it fails.
   * @default 1 minute
   */
  lockPatience?: Duration;
  /**
   * How long a statement in a transaction may take before it is cancelled; 0 for as long as it likes. Statements outside
   * of transactions, as `CREATE INDEX CONCURRENTLY`, take the time they need. A migration's file may say otherwise.
   * @default 30 seconds
   */
  statementTimeout?: Duration;
  /**
   * What is refused though PostgreSQL would do it: taking rows out of a table without `-- lockstep: loses-rows=TABLE`
   * at the head of the file, and leaving a sequence behind the values of its column.
   * @default both
   */
  integrity?: { rows?: boolean; sequences?: boolean };
};

/** @throws InvalidProps with everything that is wrong. */
export const checkProps = (construct: IConstruct, props: MigrationPipelineProps): void => {
  const pipeline = construct.node.path;
  const unknown = unknownProps(props);
  // What is said under a name that nobody reads is missing where it should be: that would be told wrongly.
  if (unknown.length > 0) throw new InvalidProps({ pipeline, problems: unknown });
  const { fleet, approval, service, environment, lint, lockTimeout, promotion, restorePoint } = props;
  const problems = [
    ...shapeProblems(props),
    ...fleetProblems(fleet),
    ...(approval ? approvalProblems(approval, isProduction(props)) : []),
    ...rolloutProblems(props),
    ...(promotion
      ? promotionProblems(promotion, { environment, policy: approval ? policyOf(approval, isProduction(props)) : null })
      : []),
    ...(restorePoint ? restorePointProblems(restorePoint) : []),
    ...lintProblems(lint),
    ...(props.drift ? driftProblems(props.drift) : []),
  ];
  // PostgreSQL keeps it as milliseconds in 31 bits.
  if (lockTimeout && !between(lockTimeout, 1, 2 ** 31 - 1)) {
    problems.push('lockTimeout: between one millisecond and 24 days');
  }
  if (problems.length === 0)
    problems.push(...pathProblems({ pipeline: construct, service, environment, promotion: promotion ?? [] }));
  if (problems.length > 0) throw new InvalidProps({ pipeline, problems });
};

/** Whether a mistake there hurts customers. */
export const isProduction = ({
  production,
  environment,
}: Pick<MigrationPipelineProps, 'production' | 'environment'>): boolean => production ?? environment.startsWith('prod');

const lintProblems = (lint: LintPolicy | undefined): string[] => [
  ...(lint ? policyProblems(lint).map((problem) => `lint: ${problem}`) : []),
  ...(lint?.since === undefined ? [] : ['lint.since: only lint.json can say where linting begins']),
];

const shapeProblems = (props: MigrationPipelineProps): string[] =>
  Shape.safeParse(props, { reportInput: true }).error?.issues.map(({ path, message, input }) => {
    const found = typeof input === 'string' || typeof input === 'number' ? `, not ${JSON.stringify(input)}` : '';
    return `${path.join('.')}: ${message}${found}`;
  }) ?? [];

const between = (duration: Duration, least: number, most: number): boolean => {
  const milliseconds = duration.toMilliseconds();
  return milliseconds >= least && milliseconds <= most;
};

const name = z
  .string()
  .regex(/^[a-z](-?[a-z0-9])*$/, 'lower case letters, digits and single hyphens, beginning with a letter')
  .max(30, 'at most 30 characters');

const Shape = z.object({
  service: name,
  environment: name,
  unfit: z.enum(['refuse', 'skip']).optional(),
});
