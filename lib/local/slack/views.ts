import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type Block, identified } from './block-kit/blocks.ts';
import type { Modal } from './block-kit/view.ts';
import { type Entered, inputsOf } from './form.ts';
import { SlackError } from './slack-error.ts';
import { id, type Workspace } from './workspaces.ts';

/** A modal that stands open before one user. */
export type View = Omit<Modal, 'blocks'> & {
  id: string;
  teamId: string;
  userId: string;
  hash: string;
  blocks: Block[];
  /** What the user has entered, by block id, where the app sent it back. */
  entered: Entered;
  /** By block id, what the app or Slack itself found wrong with it. */
  errors: Record<string, string>;
};
export type Views = ReturnType<typeof views>;

/** Open modals; a user has one at most. */
export const views = (clock: Clock) => {
  const open = new Map<string, View>();
  const fresh = (modal: Modal) => ({
    ...modal,
    hash: `${Math.floor(clock.now().getTime() / 1000)}.${randomBytes(4).toString('hex')}`,
    blocks: identified(modal.blocks, () => randomBytes(4).toString('base64url').slice(0, 5)),
  });
  const unique = (external: string | undefined, teamId: string, than?: string) => {
    const other = [...open.values()].find(
      (it) => it.teamId === teamId && it.external_id === external && it.id !== than,
    );
    if (external !== undefined && other) throw new SlackError('duplicate_external_id');
  };
  return {
    all: () => [...open.values()],
    find: (viewId: string) => open.get(viewId),
    of: (teamId: string, userId: string) =>
      [...open.values()].find((it) => it.teamId === teamId && it.userId === userId),
    open(teamId: string, userId: string, modal: Modal): View {
      unique(modal.external_id, teamId);
      for (const it of open.values()) if (it.teamId === teamId && it.userId === userId) open.delete(it.id);
      const view = { ...fresh(modal), id: id('V'), teamId, userId, entered: {}, errors: {} };
      open.set(view.id, view);
      return view;
    },
    /** Puts other content in its place; what was entered stays in inputs that stay. */
    update(view: View, modal: Modal): View {
      unique(modal.external_id, view.teamId, view.id);
      const { id, teamId, userId } = view;
      const content = fresh(modal);
      const next = { ...content, id, teamId, userId, entered: kept(view, content.blocks), errors: {} };
      open.set(id, next);
      return next;
    },
    close: (view: View) => void open.delete(view.id),
  };
};

/** Slack keeps what is in inputs whose block_id and action_id stay (docs.slack.dev/reference/methods/views.update). */
const kept = ({ blocks, entered }: View, next: Block[]): Entered => {
  const key = ({ block_id, element }: ReturnType<typeof inputsOf>[number]) =>
    JSON.stringify([block_id, element.action_id, element.type, 'options' in element && element.options]);
  const stay = new Set(inputsOf(next).map(key));
  const ids = inputsOf(blocks).filter((it) => stay.has(key(it)));
  return Object.fromEntries(Object.entries(entered).filter(([id]) => ids.some(({ block_id }) => block_id === id)));
};

/** The view as Slack's answers and interaction payloads carry it, with the state of its inputs. */
export const describedView = ({ app, bot, team }: Workspace, view: View, values: object = {}) => ({
  id: view.id,
  team_id: view.teamId,
  type: view.type,
  blocks: view.blocks,
  private_metadata: view.private_metadata,
  callback_id: view.callback_id,
  state: { values },
  hash: view.hash,
  title: view.title,
  clear_on_close: view.clear_on_close,
  notify_on_close: view.notify_on_close,
  close: view.close ?? null,
  submit: view.submit ?? null,
  previous_view_id: null,
  root_view_id: view.id,
  app_id: app.id,
  external_id: view.external_id ?? '',
  app_installed_team_id: team.id,
  bot_id: bot.id,
});
