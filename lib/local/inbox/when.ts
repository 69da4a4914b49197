import { html } from 'hono/html';

/** A moment, by the local cloud's clock. */
export const when = (at: Date) => {
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
};
