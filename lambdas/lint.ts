import * as z from 'zod';
import { Run } from '../lib/fleet/fleet.ts';
import { findingsDigest, toldOf } from '../lib/fleet/lint-findings.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { judge } from '../lib/migrations/lint/judge.ts';
import { LintPolicy } from '../lib/migrations/lint/policy.ts';
import { reexamined } from '../lib/migrations/lint/reexamine.ts';
import { loadParser } from '../lib/migrations/scan.ts';
import { bucket, lintBucket, setting } from './services.ts';
import { task } from './task.ts';

/**
 * Looks at the SQL of a bundle with PostgreSQL's own parser, which no other step carries along: whoever uploaded it is
 * not believed what it says of itself. What takes a run back is not linted: it was brought in, and has to get out.
 */
export const handler = task({
  name: 'Lint',
  input: z.strictObject({ run: Run }),

  async run({ run }): Promise<{ digest: string } | null> {
    if (run.revert !== null) return null;
    const objects = bucket();
    const [bundle, policy] = await Promise.all([objects.anyBundle(run.digest), environmentPolicy(), loadParser()]);
    const findings = toldOf(judge(reexamined(bundle, run.digest), policy));
    await objects.write(runKey(run.run, 'lint'), findings);
    // The plan believes the file by this, whoever else may write to the bucket.
    return { digest: findingsDigest(findings) };
  },
});

const environmentPolicy = async (): Promise<LintPolicy> => {
  const key = setting('LINT_KEY');
  return key === undefined ? {} : LintPolicy.parse(await lintBucket().json(key));
};
