import { html } from 'hono/html';
import { layout } from './layout.ts';
import { visible } from './visible.ts';
import type { Html } from './words.ts';

/** For links that lead nowhere, and forms that are not right. */
export const problemPage = (title: string, text: string): Html =>
  layout({
    title,
    environment: null,
    body: html`<main class="alone"><h1>${visible(title)}</h1><p class="lead">${visible(text)}</p></main>`,
  });
