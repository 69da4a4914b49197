import { z } from 'zod';
import { SlackError } from '../slack-error.ts';
import { flag } from './arguments.ts';
import { method } from './method.ts';

export const authTest = method(z.strictObject({}), ({ workspace: { team, app, bot } }) => ({
  url: `https://${team.domain}.slack.com/`,
  team: team.name,
  user: app.name.toLowerCase(),
  team_id: team.id,
  user_id: bot.userId,
  bot_id: bot.id,
  is_enterprise_install: false,
}));

export const usersInfo = method(
  z.strictObject({ user: z.string(), include_locale: flag.optional() }),
  ({ workspace: { team, users } }, { user: id }) => {
    const user = users.get(id);
    if (!user) throw new SlackError('user_not_found');
    const { name, realName, email } = user;
    const profile = {
      real_name: realName,
      display_name: name,
      team: team.id,
      ...(email === undefined ? {} : { email }),
    };
    return { user: { id, team_id: team.id, name, real_name: realName, deleted: false, is_bot: false, profile } };
  },
);
