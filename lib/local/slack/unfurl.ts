import { get } from 'node:http';
import type { Block } from './block-kit/blocks.ts';
import { isOnThisMachine } from './workspaces.ts';

/** A link that Slack looked at, and the status it got; none for links off this machine, which are left alone. */
export type Unfurl = { url: string; status?: number };

/** The links of a message that Slack would look at: those in its text and in its blocks' texts, not those of buttons. */
export const linksOf = (text: string, blocks: Block[]): string[] => {
  const texts = [text, ...blocks.flatMap(textsOf)];
  const found = texts.flatMap((it) => it.match(/https?:\/\/[^\s<>|]+/g) ?? []);
  return [...new Set(found.map((it) => it.replaceAll('&amp;', '&').replace(/[.,;:!?)\]'"]+$/, '')))];
};

/** Looks at a link as Slack's link expander does: a GET of its first 32 KiB. */
export const unfurl = async (url: string): Promise<Unfurl> => {
  if (!isOnThisMachine(url)) return { url };
  const headers = { 'user-agent': EXPANDER, accept: '*/*', range: 'bytes=0-32768' };
  return new Promise((resolve) => {
    const request = get(url, { headers, timeout: 10_000, agent: false }, (response) => {
      response.resume();
      resolve({ url, ...(response.statusCode === undefined ? {} : { status: response.statusCode }) });
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve({ url }));
  });
};

const EXPANDER = 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)';

const textsOf = (block: Block): string[] => {
  switch (block.type) {
    case 'section':
      return [block.text, ...(block.fields ?? [])].flatMap((it) => it?.text ?? []);
    case 'context':
      return block.elements.flatMap((it) => (it.type === 'image' ? [] : [it.text]));
    default:
      return [];
  }
};
