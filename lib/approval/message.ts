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
  return {
    Subject: subject(`Approve ${plan.service} ${plan.environment}: ${count(plan.migrations.length, 'migration')}`),
    Message: `${run.requestedBy} asks to migrate ${plan.service} in ${plan.environment}.

${count(plan.migrations.length, 'migration')} for ${count(behind.length, 'database')} in ${count(new Set(behind.map(({ cluster }) => cluster)).size, 'cluster')}:
${plan.migrations.map(({ file, risk, reason }) => `  ${risk.padEnd(6)}  ${file}${risk === 'low' ? '' : ` (${reason})`}`).join('\n')}

Read the SQL and decide here, before ${expiresAt}:
${link}

Opening the page decides nothing.
`,
  };
};

export const resultMessage = (
  { service, environment, run }: { service: string; environment: string; run: string },
  result: { status: string; failure: { error: string; cause: string } | null; migrated: number },
): Message => ({
  Subject: subject(`${service} ${environment}: ${result.status}`),
  Message: `Run ${run} of ${service} in ${environment} ended: ${result.status}.
${count(result.migrated, 'database')} migrated.
${result.failure ? `\n${result.failure.error}: ${result.failure.cause}\n` : ''}`,
});

const subject = (text: string): string => text.slice(0, 99);

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
