import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { SlackError } from './slack-error.ts';
import { id } from './workspaces.ts';

/** "Up to 5 times within 30 minutes" (docs.slack.dev/interactivity/handling-user-interaction). */
const USES = 5;
const LIFE = 30 * 60_000;

/** What an answer to a response_url is about. */
export type Interacted = { teamId: string; userId: string; channelId: string; ts: string };

/** The addresses by which an app may answer an interaction without a token: `<endpoint>/slack/actions/<team>/<id>/<secret>`. */
export const responseUrls = (clock: Clock, endpoint: () => string) => {
  const known = new Map<string, Interacted & { at: number; left: number }>();
  return {
    issue(it: Interacted): string {
      const path = `/slack/actions/${it.teamId}/${id('')}/${randomBytes(18).toString('base64url')}`;
      known.set(path, { ...it, at: clock.now().getTime(), left: USES });
      return endpoint() + path;
    },
    use(path: string): Interacted {
      const found = known.get(path);
      if (!found) throw new SlackError('invalid_url');
      if (clock.now().getTime() - found.at >= LIFE) throw new SlackError('expired_url');
      if (found.left === 0) throw new SlackError('used_url');
      found.left -= 1;
      return found;
    },
  };
};
