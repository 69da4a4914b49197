import * as z from 'zod';
import { driftFailedMail, driftMail } from '../lib/approval/drift-mail.ts';
import { DriftReport } from '../lib/fleet/drift/report.ts';
import { clip, MOST_OF_CAUSE, messageIn } from '../lib/fleet/texts.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { mailEverybody, policy, post } from './people.ts';
import { bucket, variable } from './services.ts';
import { task, type World } from './task.ts';

/** Tells people what a check for drift has found that was not so before, and that it could not be made. */
export const handler = task({
  name: 'TellDrift',
  input: z.strictObject({
    run: z.object({ run: z.string() }),
    startedAt: z.string(),
    /** What was found; null where nobody came to that. */
    found: z.object({ fresh: z.number(), gone: z.number() }).nullable(),
    failure: z.object({ Error: z.string(), Cause: z.string().optional() }).nullable(),
  }),

  async run({ run: { run: check }, startedAt, found, failure }, { now, log }) {
    if (found === null) {
      const told = { error: failure?.Error ?? 'unknown', cause: clip(messageIn(failure?.Cause ?? ''), MOST_OF_CAUSE) };
      const report: DriftReport = {
        ...{ check, service: variable('SERVICE'), environment: variable('ENVIRONMENT'), startedAt, failure: told },
        ...{ endedAt: now().toISOString(), atWork: null, databases: 0, alike: 0, findings: [], problems: [] },
        dataApiCalls: 0,
      };
      await tell(driftFailedMail(report, told), log);
      await bucket().write(runKey(check, 'report'), report);
      return { failure: told };
    }
    if (found.fresh + found.gone > 0) {
      const report = DriftReport.parse(await bucket().json(runKey(check, 'report')));
      await tell(driftMail(report, found), log);
    }
    return { failure: null, ...found };
  },
});

/** What was found stands whether or not people hear of it. */
const tell = async (mail: Parameters<typeof mailEverybody>[1], log: World['log']): Promise<void> => {
  try {
    const rules = await policy();
    const said = `${mail.Subject}\n${mail.Message}`.slice(0, MOST_IN_SLACK).toWellFormed();
    const told = await Promise.allSettled([mailEverybody(rules, mail), post(rules).say(said)]);
    for (const it of told) if (it.status === 'rejected') log.warn('drift could not be told', { error: it.reason });
  } catch (error) {
    log.warn('drift could not be told', { error: error as Error });
  }
};

const MOST_IN_SLACK = 1_500;
