import type { Entered, Press, Slack, User, Workspace } from '../slack/slack.ts';

/** Whom one acts as: a user of one workspace; `key` names both in addresses and forms. */
export type Person = { key: string; workspace: Workspace; user: User };

export const everybody = (slack: Slack): Person[] =>
  slack
    .workspaces()
    .flatMap((workspace) =>
      [...workspace.users.values()].map((user) => ({ key: `${workspace.team.id}/${user.id}`, workspace, user })),
    );

/** The person of that key; without a key, the first of all. */
export const personOf = (slack: Slack, key?: string): Person | undefined =>
  everybody(slack).find((it) => key === undefined || it.key === key);

/** How a button and a block's input are named in the pages' forms. */
export const pressValue = (blockId: string, actionId: string) => JSON.stringify([blockId, actionId]);
export const inputName = (blockId: string) => `input:${blockId}`;

/** What a form of the inbox says; what doesn't fit is left out. */
export const form = (slack: Slack, data: FormData) => {
  const text = (name: string) => {
    const value = data.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    person: personOf(slack, text('as') ?? ''),
    press: pressOf(text('press')),
    ts: text('ts'),
    viewId: text('view'),
    values: valuesOf(data),
  };
};

/** A button by its name in forms and addresses. */
export const pressOf = (value: string | undefined): Required<Press> | undefined => {
  try {
    const [blockId, actionId] = JSON.parse(value ?? '[]');
    return typeof blockId === 'string' && typeof actionId === 'string' ? { blockId, actionId } : undefined;
  } catch {
    return undefined;
  }
};

/** Checkboxes come with an empty value of their own, so that none being ticked is told apart from there being none. */
const valuesOf = (data: FormData): Entered => {
  const names = [...new Set(data.keys())].filter((name) => name.startsWith('input:'));
  return Object.fromEntries(
    names.map((name) => {
      // Browsers send line breaks as CRLF; Slack has LF.
      const values = data.getAll(name).map((it) => String(it).replaceAll('\r\n', '\n'));
      const isList = values.length > 1 || data.has(`list:${name}`);
      return [name.slice('input:'.length), isList ? values.filter((it) => it !== '') : (values[0] ?? '')];
    }),
  );
};
