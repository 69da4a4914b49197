import type { Clock } from '../clock.ts';
import { messages } from './messages.ts';
import { rateLimits } from './rate-limits.ts';
import { responseUrls } from './response-urls.ts';
import { triggers } from './triggers.ts';
import { unfurling } from './unfurling.ts';
import { views } from './views.ts';
import { workspaces } from './workspaces.ts';

/** Everything the local Slack remembers, for as long as the local cloud is open. */
export const state = (clock: Clock, endpoint: () => string) => ({
  ...{ clock, endpoint },
  workspaces: workspaces(),
  messages: messages(clock),
  views: views(clock),
  triggers: triggers(clock),
  responseUrls: responseUrls(clock, endpoint),
  rateLimits: rateLimits(clock),
  unfurling: unfurling(clock),
});
export type State = ReturnType<typeof state>;
