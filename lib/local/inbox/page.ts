import { html, raw } from 'hono/html';
import { inputsOf } from '../slack/form.ts';
import type { Slack } from '../slack/slack.ts';
import type { Message as Mail } from '../sns/inbox.ts';
import { confirmDialog, modalDialog } from './dialog.ts';
import type { Person } from './form.ts';
import { mailColumn } from './mails.ts';
import { slackColumn, visible } from './slack-column.ts';
import { style } from './style.ts';

export type Shown = {
  mails: Mail[];
  slack: Slack;
  /** Whom one acts as; nobody where there is no workspace. */
  person: Person | undefined;
  /** A button whose confirmation is asked for. */
  asked: { ts: string; press: string } | undefined;
  trouble: string | undefined;
  /** Seconds until the page shows what is new; 0 for never. */
  refresh: number;
};

/** Mail on the left, Slack on the right, and what stands open before the user on top. */
export const page = ({ mails, slack, person, asked, trouble, refresh }: Shown) => {
  const view = person && slack.view(person.workspace.team.id, person.user.id);
  const message = person && visible(slack, person).find(({ ts }) => ts === asked?.ts);
  const confirm = person && asked && !view && confirmDialog(person, message, asked.press);
  const dialog = person && view ? modalDialog(person, view, trouble) : confirm;
  // What somebody is typing must not go away under their hands.
  const busy = confirm || (view && inputsOf(view.blocks).length > 0);
  const own = person ? `as=${encodeURIComponent(person.key)}` : '';
  return document(
    busy || refresh === 0 ? '' : html`<meta http-equiv="refresh" content="${refresh}">`,
    html`<header class="top" ${dialog ? raw('inert') : ''}>
      <h1>Lockstep <span>local inbox</span></h1>
      <nav class="jump" aria-label="On this page"><a href="#mails">Mail</a> · <a href="#slack">Slack</a></nav>
      <p>Nothing leaves this machine. ${
        refresh === 0
          ? html`<a href="/inbox?${own}">Refresh by itself</a>`
          : html`Refreshes by itself · <a href="/inbox?pause=1&${own}">hold still</a>`
      }</p>
    </header>
    <main ${dialog ? raw('inert') : ''}>${mailColumn(mails)}${slackColumn(slack, person, view ? undefined : trouble)}</main>
    ${dialog ?? ''}`,
  );
};

/** Goes where a button points, as Slack does when it is pressed. */
export const openingPage = (url: string) =>
  document(
    html`<meta http-equiv="refresh" content="0; url=${url}">`,
    html`<main><p class="empty">Opening <a href="${url}">${url}</a></p></main>`,
  );

const document = (head: unknown, body: unknown) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    ${head}
    <title>Local inbox – Lockstep</title>
    <style>${raw(style)}</style>
  </head>
  <body>${body}</body>
</html>`;
