import { z } from 'zod';
import { check } from '../block-kit/check.ts';
import { modal } from '../block-kit/view.ts';
import { decoded } from '../content.ts';
import { SlackError } from '../slack-error.ts';
import { describedView } from '../views.ts';
import { method } from './method.ts';

/** "view_too_large: the provided view is greater than 250kb" (docs.slack.dev/reference/methods/views.open). */
const LARGEST = 250_000;

export const viewsOpen = method(
  z.strictObject({ trigger_id: z.string(), view: z.unknown() }),
  ({ state, workspace }, it) => {
    const { userId } = state.triggers.find(it.trigger_id, workspace.team.id);
    const view = state.views.open(workspace.team.id, userId, modalOf(it.view));
    state.triggers.use(it.trigger_id);
    return { view: describedView(workspace, view) };
  },
);

export const viewsUpdate = method(
  z.strictObject({
    view_id: z.string().optional(),
    external_id: z.string().optional(),
    hash: z.string().optional(),
    view: z.unknown(),
  }),
  ({ state, workspace }, it) => {
    const own = state.views.all().filter(({ teamId }) => teamId === workspace.team.id);
    const view = own.find((open) =>
      it.view_id === undefined
        ? it.external_id !== undefined && open.external_id === it.external_id
        : open.id === it.view_id,
    );
    if (!view) throw new SlackError('not_found');
    if (it.hash !== undefined && it.hash !== view.hash) throw new SlackError('hash_conflict');
    return { view: describedView(workspace, state.views.update(view, modalOf(it.view))) };
  },
);

/** A view out of a call or an answer, checked. */
export const modalOf = (given: unknown) => {
  const view = decoded(given, 'invalid_arguments');
  if (JSON.stringify(view ?? null).length > LARGEST) throw new SlackError('view_too_large');
  return check(modal, view, { pointer: '/view', code: 'invalid_arguments' });
};
