import { alikeInWords, findingsInWords } from '../fleet/drift/in-words.ts';
import type { DriftReport } from '../fleet/drift/report.ts';
import { type Mail, paragraphs, subject, told } from './mail.ts';

/** Tells everybody what a check for drift has found that was not so before, and what is no more. */
export const driftMail = (
  report: Pick<DriftReport, 'service' | 'environment' | 'check' | 'databases' | 'alike' | 'findings'>,
  { fresh, gone }: { fresh: number; gone: number },
): Mail => {
  const { service, environment, databases, alike, findings } = report;
  const count = databases - alike;
  const what = count === 0 ? 'none any more' : `${count} of ${databases} databases`;
  return {
    Subject: subject(`Drift: ${service} ${environment}, ${what}`),
    Message: paragraphs(
      `${alikeInWords(report)} in ${told(service)} ${told(environment)}; ${fresh} new, ${gone} no more.`,
      ...findingsInWords(findings).map((it) => `  ${told(it)}.`),
      findings.length === 0 ? null : `Object by object: lockstep drift ${told(environment)} --last`,
    ),
  };
};

/** A check that can't be made is no news that all is well. */
export const driftFailedMail = (
  { service, environment }: Pick<DriftReport, 'service' | 'environment'>,
  failure: { error: string; cause: string },
): Mail => ({
  Subject: subject(`Drift not checked: ${service} ${environment}`),
  Message: paragraphs(
    `Nobody knows whether the databases of ${told(service)} in ${told(environment)} are as they should be.`,
    `${told(failure.error)}: ${told(failure.cause).slice(0, 2_000)}`,
  ),
});
