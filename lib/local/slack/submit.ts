import { z } from 'zod';
import { type Entered, filledIn, inputsOf } from './form.ts';
import { type Interaction, send } from './interaction.ts';
import { everyPayload } from './payload.ts';
import { SlackError } from './slack-error.ts';
import type { State } from './state.ts';
import { describedView, type View } from './views.ts';
import { modalOf } from './web-api/views.ts';
import type { User, Workspace } from './workspaces.ts';

/** What an app may answer to a view_submission. `push` is refused: the local Slack shows one modal at a time. */
const Answer = z.discriminatedUnion('response_action', [
  z.object({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.object({ response_action: z.literal('update'), view: z.unknown() }),
  z.object({ response_action: z.literal('clear') }),
]);

/**
 * Sends the view_submission payload of a modal, unless Slack itself would hold the user back, and does what the app
 * answers: an empty body closes the modal. What the app should not have answered leaves it open.
 */
export const submitView = async (
  state: State,
  patience: number,
  workspace: Workspace,
  user: User,
  view: View,
  entered: Entered,
): Promise<Interaction> => {
  const all = { ...view.entered, ...entered };
  const { values, errors } = filledIn(view.blocks, all);
  view.entered = all;
  view.errors = errors;
  if (Object.keys(errors).length > 0) return { errors };
  const payload = {
    type: 'view_submission',
    ...everyPayload(state, workspace, user),
    view: describedView(workspace, view, values),
    response_urls: [],
  };
  const interaction = await send(workspace, payload, { clock: state.clock, patience });
  if (interaction.trouble !== undefined) return interaction;
  try {
    return { ...interaction, ...obeyed(state, view, interaction.body ?? '') };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { ...interaction, trouble: `The app's answer does not fit: ${error.message}` };
  }
};

/** Closes a modal, and tells the app if it asked for that (`notify_on_close`). */
export const closeView = async (
  state: State,
  patience: number,
  workspace: Workspace,
  user: User,
  view: View,
): Promise<Interaction> => {
  state.views.close(view);
  if (!view.notify_on_close) return {};
  const { trigger_id: _, ...every } = everyPayload(state, workspace, user);
  const payload = {
    type: 'view_closed',
    ...every,
    view: describedView(workspace, view),
    is_cleared: view.clear_on_close,
  };
  return send(workspace, payload, { clock: state.clock, patience });
};

const obeyed = (state: State, view: View, body: string): Pick<Interaction, 'errors'> => {
  // The app may have closed or changed it meanwhile.
  const standing = state.views.find(view.id);
  if (body === '') {
    if (standing) state.views.close(standing);
    return {};
  }
  const answer = answerOf(body);
  if (answer.response_action === 'clear') {
    if (standing) state.views.close(standing);
  } else if (answer.response_action === 'update') {
    state.views.update(standing ?? view, modalOf(answer.view));
  } else {
    const inputs = inputsOf(view.blocks).map(({ block_id }) => block_id);
    const stray = Object.keys(answer.errors).find((it) => !inputs.includes(it));
    if (stray !== undefined) throw new SlackError(`errors.${stray} is no input block of the view`);
    view.errors = answer.errors;
    return { errors: answer.errors };
  }
  return {};
};

const answerOf = (body: string): z.output<typeof Answer> => {
  try {
    return Answer.parse(JSON.parse(body));
  } catch {
    throw new SlackError('neither empty nor a response_action of errors, update or clear');
  }
};
