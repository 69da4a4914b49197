import * as z from 'zod';
import { canonical, sha256 } from '../migrations/digest.ts';
import { type Finding, tally } from '../migrations/lint/judge.ts';
import { saidOf } from '../migrations/lint/rules.ts';

/** What was found of a migration, as a plan has it; what it says of it follows from the rule. */
export const PlannedFinding = z.object({
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  direction: z.literal('down').optional(),
  /** Index in the statements of that direction. */
  statement: z.number().optional(),
  line: z.number(),
  column: z.number(),
  of: z.string().optional(),
  excepted: z.object({ by: z.enum(['comment', 'lint.json', 'environment']), reason: z.string() }).optional(),
});

export type PlannedFinding = z.infer<typeof PlannedFinding>;

/** What the step Lint writes down for a run: findings by migration. */
export const LintFindings = z.array(PlannedFinding.extend({ migration: z.string(), file: z.string() }));

export type LintFindings = z.infer<typeof LintFindings>;

/** By what the plan knows that it reads what was written. */
export const findingsDigest = (findings: LintFindings): string => sha256(canonical(findings));

/** Those that people are shown: notes are for authors. */
export const toldOf = (findings: Finding[]): LintFindings =>
  LintFindings.parse(findings.filter(({ severity, excepted }) => severity !== 'info' || excepted));

/** What speaks against carrying these migrations out, a sentence each. */
export const lintErrors = (findings: LintFindings, pending: { has(migration: string): boolean }): string[] =>
  findings
    .filter(({ severity, excepted, migration }) => severity === 'error' && !excepted && pending.has(migration))
    .map((it) => {
      const { why, rewrite } = saidOf(it);
      return `${it.file}:${it.line}:${it.column} ${it.rule}: ${why}. Safe: ${rewrite}`;
    });

/** Those of one migration; nothing where there are none. */
export const findingsOf = (findings: LintFindings, id: string): { findings?: PlannedFinding[] } => {
  const its = findings.filter(({ migration }) => migration === id);
  return its.length > 0 ? { findings: its.map(({ migration: _, file: __, ...finding }) => finding) } : {};
};

/** `2 warnings, 1 excepted`; empty where there is nothing to tell. */
export const findingsTold = (findings: PlannedFinding[]): string => {
  const { warnings, excepted } = tally(findings);
  return [
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
    ...(excepted > 0 ? [`${excepted} excepted`] : []),
  ].join(', ');
};
