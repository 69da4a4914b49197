import { failure } from '../../failure.ts';
import type { Clock } from '../clock.ts';
import type { AwsRequest, AwsResponse } from '../service.ts';
import type { Entered } from './form.ts';
import type { Interaction } from './interaction.ts';
import type { Message } from './messages.ts';
import { type Press, pressInMessage, pressInView } from './press.ts';
import { state as empty } from './state.ts';
import { closeView, submitView } from './submit.ts';
import { webApi } from './web-api/web-api.ts';
import { webhooks } from './webhooks.ts';
import type { NewWorkspace, User, Workspace } from './workspaces.ts';

export const NotInSlack = failure('NotInSlack', ({ what }: { what: string }) => `The local Slack has no ${what}.`);

export type Slack = ReturnType<typeof slack>;
export type { View } from './views.ts';
export type { Entered, Interaction, Message, NewWorkspace, Press, User, Workspace };

/** "You have 3 seconds to acknowledge" (docs.slack.dev/interactivity/handling-user-interaction); real ones. */
const PATIENCE = 3000;

/**
 * Slack on one machine: its Web API at `/slack/api/<method>`, incoming webhooks at `/slack/webhook/<id>`, and people
 * who press buttons and fill in modals, upon which the app gets what Slack would send, signed with its signing secret.
 */
export const slack = (it: { clock: Clock; endpoint(): string; patience?: number }) => {
  const state = empty(it.clock, it.endpoint);
  const patience = it.patience ?? PATIENCE;
  const call = webApi(state);
  const hooks = webhooks(state);

  const service = async (request: AwsRequest): Promise<AwsResponse> => {
    const { origin, 'sec-fetch-site': site } = request.headers;
    // Slack's own API has no CORS for tokens; here it keeps web pages that a browser shows away from the machine.
    if (origin !== undefined || site === 'cross-site') return { status: 403, body: 'not_allowed_from_web_pages' };
    const [, kind = '', name = ''] = /^\/slack\/(api|webhook)\/([^/]+)$/.exec(request.path) ?? [];
    if (kind === 'api') return call(request, name);
    if (kind === 'webhook') return hooks.incoming(request, name);
    return request.path.startsWith('/slack/actions/') ? hooks.response(request) : { status: 404, body: 'not found' };
  };

  return {
    service,
    /** Installs the app in a workspace; one of that id is replaced. Throws BadWorkspace. */
    addWorkspace: state.workspaces.add,
    workspaces: state.workspaces.all,
    /** Everything posted, as it stands now, in the order of posting. */
    messages: state.messages.all,
    /** Calls the listener for every message posted or changed from now on; returns what ends that. */
    on: state.messages.on,
    /** Every open modal. */
    views: state.views.all,
    /** The modal that stands open before a user. */
    view: (teamId: string, userId: string) => state.views.of(teamId, userId),
    /** Resolves once Slack has looked at all links that it looks at. */
    unfurled: state.unfurling.settled,

    /** A user presses a button of a message, or of their open modal (with what is entered so far). */
    async click({
      user,
      values = {},
      ...on
    }: Press & { user: string; values?: Entered } & ({ ts: string } | { viewId: string })): Promise<Interaction> {
      if ('viewId' in on) {
        const found = opened(on.viewId, user);
        return pressInView(state, patience, found.workspace, found.user, found.view, on, values);
      }
      const { message, workspace } = seen(on.ts, user);
      const person = userOf(workspace, user);
      // A modal covers the messages, so it has been closed before.
      const open = state.views.of(workspace.team.id, user);
      if (open) await closeView(state, patience, workspace, person, open);
      return pressInMessage(state, patience, workspace, person, message, on);
    },

    /** A user submits their open modal; `values` by block id, on top of what it held. */
    async submit({
      user,
      viewId,
      values = {},
    }: {
      user: string;
      viewId: string;
      values?: Entered;
    }): Promise<Interaction> {
      const found = opened(viewId, user);
      return submitView(state, patience, found.workspace, found.user, found.view, values);
    },

    /** A user closes their open modal. */
    async close({ user, viewId }: { user: string; viewId: string }): Promise<Interaction> {
      const found = opened(viewId, user);
      return closeView(state, patience, found.workspace, found.user, found.view);
    },
  };

  function seen(ts: string, userId: string) {
    const message = state.messages.find(ts);
    const workspace = state.workspaces.byId(message?.teamId ?? '');
    const isMember = workspace?.channels.get(message?.channelId ?? '')?.members.has(userId);
    if (!message || !workspace || !isMember || (message.ephemeralTo ?? userId) !== userId) {
      throw new NotInSlack({ what: `message ${ts} that ${userId} sees` });
    }
    return { message, workspace };
  }

  function opened(viewId: string, userId: string) {
    const view = state.views.find(viewId);
    const workspace = view && state.workspaces.byId(view.teamId);
    if (!workspace || view.userId !== userId) throw new NotInSlack({ what: `modal ${viewId} open before ${userId}` });
    return { view, workspace, user: userOf(workspace, userId) };
  }
};

const userOf = ({ users, team }: Workspace, id: string): User => {
  const user = users.get(id);
  if (!user) throw new NotInSlack({ what: `user ${id} in ${team.id}` });
  return user;
};
