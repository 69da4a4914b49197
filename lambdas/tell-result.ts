import { type Result, resultMail } from '../lib/approval/mail.ts';
import { getRequest } from '../lib/ledger/requests.ts';
import { ledger } from './ledger.ts';
import { mailEverybody, policy, post } from './people.ts';
import { here } from './services.ts';
import type { World } from './task.ts';

/**
 * Tells people how a run has ended, by mail and, in these words, in Slack. The outcome stands whether or not they hear
 * of it. What the ledger holds under the name of a run that was never admitted is of an earlier one.
 */
export const tellResult = async (
  { run, admitted }: { run: string; admitted: boolean },
  result: Result,
  words: (subject: string) => string,
  log: World['log'],
): Promise<void> => {
  try {
    const request = admitted ? ((await getRequest(ledger(), run)) ?? null) : null;
    // Who was not asked, since there was nothing to ask or the run never came to it, hears of it too.
    const rules = request?.policy ?? (await policy());
    const mail = resultMail({ ...here(), run }, result, request);
    const ways = post(rules);
    const said = words(mail.Subject).slice(0, MOST_IN_SLACK).toWellFormed();
    const inSlack = async () => (request?.slack ? ways.update(request, said) : ways.say(said));
    const told = await Promise.allSettled([mailEverybody(rules, mail), inSlack()]);
    for (const it of told) if (it.status === 'rejected') log.warn('the result could not be sent', { error: it.reason });
  } catch (error) {
    log.warn('the result could not be sent', { error: error as Error });
  }
};

/** Of what went wrong a message tells the beginning; mail and report have all of it. */
const MOST_IN_SLACK = 700;
