import type { Clock } from '../clock.ts';

/** Calls per minute by method (the tiers of docs.slack.dev/apis/web-api/rate-limits); posting is one a second per channel. */
const PER_MINUTE: Record<string, number> = {
  'auth.test': 100,
  'chat.update': 50,
  'chat.postEphemeral': 100,
  'users.info': 100,
  'views.open': 100,
  'views.update': 100,
};

export const rateLimits = (clock: Clock) => {
  const calls = new Map<string, number[]>();
  /** Counts a call; the seconds to wait if it is one too many. `scope` is the team, or for posting the channel. */
  return (method: string, scope: string): number | undefined => {
    const [limit, span] = PER_MINUTE[method] ? [PER_MINUTE[method], 60_000] : [1, 1000];
    const now = clock.now().getTime();
    const key = `${method} ${scope}`;
    const recent = (calls.get(key) ?? []).filter((at) => now - at < span);
    calls.set(key, recent);
    if (recent.length >= limit) return Math.ceil((recent[0]! + span - now) / 1000);
    recent.push(now);
    return undefined;
  };
};
