import { html } from 'hono/html';
import type { Message as Mail } from '../sns/inbox.ts';
import type { Fragment } from './mrkdwn.ts';
import { when } from './when.ts';

const SHOWN = 50;

/** What SNS would have delivered, newest first. */
export const mailColumn = (mails: Mail[]): Fragment => html`<section class="mails" aria-labelledby="mails">
  <h2 id="mails">Mail <small>${mails.length === 0 ? '' : mails.length}</small></h2>
  ${mails.length === 0 ? html`<p class="empty">No mail yet. What SNS would deliver shows up here.</p>` : ''}
  ${mails.toReversed().slice(0, SHOWN).map(mailCard)}
  ${mails.length > SHOWN ? html`<p class="empty">${mails.length - SHOWN} older ones are not shown.</p>` : ''}
</section>`;

const mailCard = ({ subject, body, at, to, topicArn }: Mail): Fragment => html`<article class="card mail">
  <header>
    <h3>${subject ?? 'AWS Notification Message'}</h3>
    ${when(at)}
  </header>
  <p class="to">${to ? html`to <b>${to.endpoint}</b>${to.protocol === 'email' ? '' : ` by ${to.protocol}`}` : html`<b class="nobody">to nobody</b>: no subscription of ${topicArn.split(':').at(-1)} takes it`}</p>
  <div class="body">${linked(body)}</div>
</article>`;

/** The text with its addresses made links; a full stop or bracket behind an address isn't part of it. */
const linked = (text: string): Fragment[] =>
  text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'])/)
    .map((part, index) =>
      index % 2 ? html`<a href="${part}" target="_blank" rel="noopener noreferrer">${part}</a>` : part,
    );
