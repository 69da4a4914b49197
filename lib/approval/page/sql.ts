import highlighter from 'highlight.js/lib/core';
import pgsql from 'highlight.js/lib/languages/pgsql';
import { html, raw } from 'hono/html';
import { visible } from './visible.ts';
import type { Html } from './words.ts';

highlighter.registerLanguage('pgsql', pgsql);

/** SQL as it stands in its file: every line with its number there, coloured, and nothing in it that a browser would hide. */
export const sqlListing = (sql: string, line: number): Html =>
  html`<ol class="sql" start="${line}">${linesOf(highlighted(visible(sql))).map((it) => html`<li><code>${raw(it)}</code></li>`)}</ol>`;

/** The same without colours, for as much as a page holds. */
export const plainListing = (sql: string, line: number): Html =>
  html`<ol class="sql" start="${line}">${visible(sql)
    .split('\n')
    .map((it) => html`<li><code>${it}</code></li>`)}</ol>`;

/** The highlighter escapes what it is given: only its own tags are markup. */
const highlighted = (sql: string): string =>
  highlighter.highlight(sql, { language: 'pgsql', ignoreIllegals: true }).value;

/** Each line by itself: what is open at its end is closed there and opened again on the next. */
const linesOf = (markup: string): string[] => {
  const open: string[] = [];
  return markup.split('\n').map((line) => {
    const before = open.join('');
    for (const [tag] of line.matchAll(/<\/?span[^>]*>/g)) {
      if (tag === '</span>') open.pop();
      else open.push(tag);
    }
    return `${before}${line}${'</span>'.repeat(open.length)}`;
  });
};
