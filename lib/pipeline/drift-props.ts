import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import * as z from 'zod';

/** What becomes of schemas that changed though no migration has run. */
export type Drift = {
  /**
   * When the fleet is looked at by itself: one call of the Data API for each database, which resumes paused clusters.
   * `lockstep drift` does so at any time.
   * @default never by itself
   */
  schedule?: ScheduleExpression;
  /**
   * What a plan does about it. `warn` tells it to approvers, `block` makes no plan as long as there is drift that no
   * migration of the bundle accepts. What takes a run back is never stopped by it.
   * @default 'warn'
   */
  policy?: 'warn' | 'block';
};

/** What is wrong with it, if anything. */
export const driftProblems = (drift: Drift): string[] =>
  Shape.safeParse(drift).error?.issues.map(({ path, message }) => `drift.${path.join('.')}: ${message}`) ?? [];

const Shape = z.strictObject({
  schedule: z
    .looseObject({
      expressionString: z.string().regex(/^(rate|cron)\(/, 'a schedule that recurs: ScheduleExpression.cron or .rate'),
    })
    .optional(),
  policy: z.enum(['warn', 'block']).optional(),
});
