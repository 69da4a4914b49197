import * as z from 'zod';

const rule = z.string().min(1).max(100);

const exception = z.strictObject({
  rule,
  /** Its number, as the file has it. */
  migration: z.string().min(1),
  reason: z.string().trim().min(1, 'an exception needs a reason').max(500),
});

/**
 * What `lint.json` in a folder of migrations says, and what an environment's `lint` may say beyond it. That there are
 * such rules is not looked at here: a bundle may be read by a version that knows others.
 */
export const LintPolicy = z.strictObject({
  /** How grave it is when a rule finds something. */
  rules: z.record(rule, z.enum(['error', 'warning', 'info', 'off'])).optional(),
  exceptions: z.array(exception).optional(),
  /** Number of the first migration that is linted: those before it were there already. */
  since: z.string().min(1).optional(),
  /** Rules that neither files nor `lint.json` may soften, except from, or begin later; for environments. */
  strict: z.array(rule).optional(),
});

export type LintPolicy = z.infer<typeof LintPolicy>;
