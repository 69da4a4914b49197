import * as z from 'zod';
import type { Run } from '../lib/fleet/fleet.ts';
import { findingsDigest, LintFindings } from '../lib/fleet/lint-findings.ts';
import { PlanChanged } from '../lib/fleet/plan-differences.ts';
import { type Objects, runKey } from '../lib/ledger/objects.ts';
import { canonical, sha256 } from '../lib/migrations/digest.ts';
import { TableFacts } from '../lib/policy/table-facts.ts';

/** A file of the run that an earlier step has written, by its digest. */
export const Written = z.strictObject({ digest: z.string() }).nullable();

/** What the step Lint has found; null where a run is taken back. @throws PlanChanged */
export const findingsOf = async (
  objects: Objects,
  { run }: Run,
  lint: z.output<typeof Written>,
): Promise<LintFindings> => {
  if (lint === null) return [];
  const findings = LintFindings.parse(await objects.json(runKey(run, 'lint')));
  return believed(findings, findingsDigest(findings) === lint.digest, 'what lint has found');
};

/** What the step Measure has measured; null where it could not. @throws PlanChanged */
export const factsOf = async (
  objects: Objects,
  { run }: Run,
  facts: z.output<typeof Written>,
): Promise<TableFacts[] | null> => {
  if (facts === null) return null;
  const measured = z.array(TableFacts).parse(await objects.json(runKey(run, 'facts')));
  return believed(measured, sha256(canonical(measured)) === facts.digest, 'what was measured of tables');
};

/** What another step has written counts only if nobody has written something else since. */
const believed = <Value>(value: Value, same: boolean, what: string): Value => {
  if (!same) throw new PlanChanged({ differences: [`${what} was changed in the bucket`] });
  return value;
};
