import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { SlackError } from './slack-error.ts';

/** "A trigger_id … expires in 3 seconds … can only be used once" (docs.slack.dev/interactivity/handling-user-interaction). */
const LIFE = 3000;

/** The short-lived ids by which an app may open a modal before the user who has just done something. */
export const triggers = (clock: Clock) => {
  const known = new Map<string, { teamId: string; userId: string; at: number; used: boolean }>();
  return {
    issue(teamId: string, userId: string): string {
      const id = `${randomInt(1e12, 9e12)}.${randomInt(1e9, 9e9)}.${randomBytes(16).toString('hex')}`;
      known.set(id, { teamId, userId, at: clock.now().getTime(), used: false });
      return id;
    },
    /** Whose it is; throws Slack's refusal. {@link use} spends it. */
    find(id: string, teamId: string) {
      const it = known.get(id);
      if (!it || it.teamId !== teamId) throw new SlackError('invalid_trigger_id');
      if (it.used) throw new SlackError('exchanged_trigger_id');
      if (clock.now().getTime() - it.at >= LIFE) throw new SlackError('expired_trigger_id');
      return it;
    },
    use(id: string) {
      const it = known.get(id);
      if (it) it.used = true;
    },
  };
};
