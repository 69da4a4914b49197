import { visible } from '../approval/page/visible.ts';

/** What others have written, as a piece of a line of Markdown: nothing of it becomes markup, a mention or a link. */
export const plain = (text: string): string =>
  visible(text.replaceAll(/\s+/g, ' '))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_{}[\]()#+!|>~:]/g, '\\$&')
    .replaceAll('@', '@<!-- -->');

/** The same as code; in a table, too, where a bar would end the cell. */
export const code = (text: string): string =>
  `\`${visible(text.replaceAll(/\s+/g, ' ')).replaceAll('`', "'").replaceAll('|', '¦')}\``;

/** The same within HTML, where Markdown means nothing. */
export const html = (text: string): string =>
  visible(text.replaceAll(/\s+/g, ' ')).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Text as it is, in a fence that nothing in it can close. */
export const fenced = (text: string, language = ''): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${visible(text)}\n${fence}`;
};

export const rows = (heads: string[], all: string[][]): string =>
  [heads, heads.map(() => '---'), ...all].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
