import * as z from 'zod';
import { brokenBy } from '../lib/approval/glass.ts';
import { parkMail } from '../lib/approval/park-mail.ts';
import { wake } from '../lib/approval/wake.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { controlOf } from '../lib/ledger/control.ts';
import { Park, recordParked } from '../lib/ledger/parked.ts';
import { getRequest } from '../lib/ledger/requests.ts';
import { ledger } from './ledger.ts';
import { mailEverybody, policy, post, warnOfGlass } from './people.ts';
import { sfn, variable } from './services.ts';
import { task, type World } from './task.ts';

/**
 * Puts down until when a rollout rests, and tells people. The execution waits, at no cost, until then, or until it is
 * woken by somebody who abandons it or breaks the glass. Without a token it rests no more: if the glass was broken, everybody hears of it.
 */
export const handler = task({
  name: 'Park',
  input: z.strictObject({ run: Run, park: Park, taskToken: z.string().nullable() }),

  async run({ run, park, taskToken }, { now, log }) {
    const table = ledger();
    const parked = { at: now().toISOString(), ...park };
    if (taskToken === null) {
      const request = await getRequest(table, run.run);
      if (request) await warnOfGlass(request, log);
      return {};
    }
    if (!(await recordParked(table, run.run, parked, taskToken))) return {};
    // Who abandoned it, or broke the glass, a moment ago found nobody to wake.
    const [control, request] = await Promise.all([controlOf(table, run.run), getRequest(table, run.run)]);
    const abandoned = control.state === 'abandoned';
    if (abandoned || (request && brokenBy(request))) await wake({ table, sfn: sfn() }, run.run, { abandoned });
    else await tell(run, parked, log);
    return {};
  },
});

/** It rests whether or not people hear of it. */
const tell = async ({ run }: Run, parked: Parameters<typeof parkMail>[1], log: World['log']): Promise<void> => {
  try {
    const rules = await policy();
    const where = { service: variable('SERVICE'), environment: variable('ENVIRONMENT'), run };
    const mail = parkMail(where, parked, rules?.breakGlass != null);
    const told = await Promise.allSettled([mailEverybody(rules, mail), rules && post(rules).say(mail.Subject)]);
    for (const it of told) if (it.status === 'rejected') log.warn('not everybody could be told', { error: it.reason });
  } catch (error) {
    log.warn('nobody could be told that it is parked', { error: error as Error });
  }
};
