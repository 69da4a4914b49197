import type { Run } from '../fleet/fleet.ts';
import type { Plan } from '../fleet/plan.ts';

/** A mail by SNS: plain text, since SNS sends no other; a subject of fewer than 100 characters without line breaks. */
export type Message = { Subject: string; Message: string };

export const requestMessage = (
  plan: Plan,
  run: Run,
  { link, expiresAt }: { link: string; expiresAt: string },
): Message => {
  const behind = plan.databases.filter(({ pending }) => pending.length > 0);
  const listed = plan.migrations.slice(0, MOST_LISTED);
  const more = plan.migrations.length - listed.length;
  const back = plan.revert === null ? '' : 'take back ';
  const asks =
    plan.revert === null
      ? `asks to migrate ${line(plan.service)} in ${line(plan.environment)}`
      : `asks to take back what run ${line(plan.revert)} applied, of ${line(plan.service)} in ${line(plan.environment)}`;
  return {
    Subject: subject(
      `Approve ${plan.service} ${plan.environment}: ${back}${count(plan.migrations.length, 'migration')}`,
    ),
    Message: `${line(run.requestedBy)} ${asks}.

${back}${count(plan.migrations.length, 'migration')} for ${count(behind.length, 'database')} in ${count(new Set(behind.map(({ cluster }) => cluster)).size, 'cluster')}:
${listed.map(({ file, risk, reason }) => `  ${risk.padEnd(6)}  ${line(file)}${risk === 'low' ? '' : ` (${reason})`}`).join('\n')}
${more > 0 ? `  … and ${more} more\n` : ''}
Read the SQL and decide here, before ${expiresAt}:
${link}

Opening the page decides nothing.
`,
  };
};

/** `migrated` databases; null where nobody knows. */
export const resultMessage = (
  { service, environment, run }: { service: string; environment: string; run: string },
  result: {
    status: string;
    failure: { error: string; cause: string } | null;
    migrated: number | null;
    /** The run that was taken back. */
    revert?: string | null;
  },
): Message => ({
  Subject: subject(`${service} ${environment}: ${result.status}`),
  Message: `Run ${line(run)} of ${line(service)} in ${line(environment)} ended: ${result.status}.
${result.migrated === null ? 'How many databases were migrated is not known.' : `${count(result.migrated, 'database')} ${result.revert ? `taken back to before run ${line(result.revert)}` : 'migrated'}.`}
${result.failure ? `\n${result.failure.error}: ${result.failure.cause}\n` : ''}`,
});

/** SNS takes 256 KiB, and nobody reads a mail that long: the page shows all. */
const MOST_LISTED = 100;

/** Who writes a line of his own into a mail could write a link of his own. */
const line = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

/** Cut between whole characters. */
const subject = (text: string): string => {
  const clean = line(text).slice(0, 99);
  return clean.isWellFormed() ? clean : clean.slice(0, -1).toWellFormed();
};

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
