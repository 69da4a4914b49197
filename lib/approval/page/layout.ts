import { html, raw } from 'hono/html';
import { colourOf } from './environment-colour.ts';
import { style } from './style.ts';
import { visible } from './visible.ts';
import type { Html } from './words.ts';

/** Every page: its band tells the environment in colour and in words, and stays in sight. */
export const layout = (it: {
  title: string;
  environment: string | null;
  service?: string;
  /** What stands at the band's right end. */
  aside?: Html;
  body: Html;
}): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <meta name="color-scheme" content="light dark">
    <title>${visible(it.title)} – Lockstep</title>
    <style>${raw(style)}</style>
  </head>
  <body class="${it.environment === null ? 'nowhere' : colourOf(it.environment)}">
    <header class="band">
      <p class="where">${
        it.environment === null
          ? html`<strong>Lockstep</strong>`
          : html`<strong>${visible(it.environment)}</strong> <span>${visible(it.service ?? '')}</span>`
      }</p>
      ${it.aside ?? ''}
    </header>
    ${it.body}
  </body>
</html>`;
