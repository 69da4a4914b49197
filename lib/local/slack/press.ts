import { failure } from '../../failure.ts';
import { type Block, buttonsOf } from './block-kit/blocks.ts';
import { type Entered, filledIn } from './form.ts';
import { type Interaction, send } from './interaction.ts';
import { described, type Message } from './messages.ts';
import { everyPayload } from './payload.ts';
import type { State } from './state.ts';
import { describedView, type View } from './views.ts';
import type { User, Workspace } from './workspaces.ts';

export const NoSuchButton = failure(
  'NoSuchButton',
  ({ actionId, has }: { actionId: string; has: string[] }) =>
    `There is no button with the action_id "${actionId}" here; there is ${has.join(', ') || 'none'}.`,
);

/** A button, of a message or of an open modal. `blockId` tells buttons of one action_id apart. */
export type Press = { actionId: string; blockId?: string | undefined };

/** Sends the block_actions payload of a button in a message (docs.slack.dev/reference/interaction-payloads). */
export const pressInMessage = async (
  state: State,
  patience: number,
  workspace: Workspace,
  user: User,
  message: Message,
  press: Press,
): Promise<Interaction> => {
  const actions = [actionOf(state, message.blocks, press)];
  if (message.via === 'webhook' && !workspace.switches.webhookButtons) {
    return { trouble: 'Buttons of messages that came by incoming webhook do not reach the app.' };
  }
  const { id, name } = workspace.channels.get(message.channelId)!;
  const isEphemeral = message.ephemeralTo !== undefined;
  const payload = {
    type: 'block_actions',
    ...everyPayload(state, workspace, user),
    container: { type: 'message', message_ts: message.ts, channel_id: id, is_ephemeral: isEphemeral },
    channel: { id, name },
    ...(isEphemeral ? {} : { message: described(workspace, message) }),
    state: { values: {} },
    response_url: state.responseUrls.issue({
      teamId: workspace.team.id,
      userId: user.id,
      channelId: id,
      ts: message.ts,
    }),
    actions,
  };
  return send(workspace, payload, { clock: state.clock, patience });
};

/** The same of a button in a modal: it has no channel and no response_url, but the view with what is filled in so far. */
export const pressInView = async (
  state: State,
  patience: number,
  workspace: Workspace,
  user: User,
  view: View,
  press: Press,
  entered: Entered,
): Promise<Interaction> => {
  const all = { ...view.entered, ...entered };
  const { values } = filledIn(view.blocks, all);
  view.entered = all;
  const payload = {
    type: 'block_actions',
    ...everyPayload(state, workspace, user),
    container: { type: 'view', view_id: view.id },
    view: describedView(workspace, view, values),
    actions: [actionOf(state, view.blocks, press)],
  };
  return send(workspace, payload, { clock: state.clock, patience });
};

const actionOf = (state: State, blocks: Block[], { actionId, blockId }: Press) => {
  const buttons = buttonsOf(blocks);
  const found = buttons.find(
    (it) => it.button.action_id === actionId && (blockId === undefined || it.blockId === blockId),
  );
  if (!found) throw new NoSuchButton({ actionId, has: buttons.map(({ button }) => button.action_id) });
  const { type, action_id, text, value, style, url } = found.button;
  const optional = { value, style, url };
  const present = Object.fromEntries(Object.entries(optional).filter(([, it]) => it !== undefined));
  return { type, action_id, block_id: found.blockId, text, ...present, action_ts: state.messages.timestamp() };
};
