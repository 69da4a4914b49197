import type { State } from './state.ts';
import type { User, Workspace } from './workspaces.ts';

/** What every interaction payload tells: who, where, for which app, and the trigger that opens a modal. */
export const everyPayload = (state: State, { team, app }: Workspace, { id, name }: User) => ({
  user: { id, username: name, name, team_id: team.id },
  api_app_id: app.id,
  token: app.token,
  team: { id: team.id, domain: team.domain },
  enterprise: null,
  is_enterprise_install: false,
  trigger_id: state.triggers.issue(team.id, id),
});
