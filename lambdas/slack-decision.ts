import * as z from 'zod';
import { decide } from '../lib/approval/decide.ts';
import { escaped } from '../lib/approval/slack/blocks.ts';
import { slackPost } from '../lib/approval/slack/post.ts';
import { slackBy } from '../lib/approval/slack/web.ts';
import { ledger } from './ledger.ts';
import { sfn, slack } from './services.ts';
import { task } from './task.ts';

/** Takes a decision that was made in Slack; whoever made it is told there if it is refused. */
export const handler = task({
  name: 'SlackDecision',
  input: z.strictObject({
    run: z.string(),
    user: z.string(),
    channel: z.string(),
    ballot: z.strictObject({
      decision: z.enum(['approved', 'rejected', 'resume', 'revert', 'abandon']),
      identity: z.strictObject({ channel: z.literal('slack'), team: z.string(), user: z.string() }),
      reason: z.string(),
      planDigest: z.string(),
      castAt: z.string(),
    }),
  }),

  async run({ run, user, channel, ballot }, { now, log }) {
    const secret = slack();
    const done = await decide(
      {
        table: ledger(),
        sfn: sfn(),
        now,
        changed: (request) => slackPost(request.policy, secret).update(request),
      },
      run,
      ballot,
    );
    log.info('decided', { result: done?.result ?? 'no such request', code: done?.refusal?.code });
    if (done?.result !== 'refused') return {};
    await slackBy(await secret())('chat.postEphemeral', { channel, user, text: escaped(done.refusal.sentence) });
    return {};
  },
});
