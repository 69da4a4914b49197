import { randomBytes } from 'node:crypto';
import { type Block, identified, messageBlocks } from './block-kit/blocks.ts';
import { check } from './block-kit/check.ts';
import { SlackError } from './slack-error.ts';

/**
 * Slack refuses messages whose blocks hold too much text in all, without telling the limit:
 * 9,597 characters were reported to pass and 11,341 not to (slackapi/bolt-js 2867).
 */
const TEXT_OF_ALL_BLOCKS = 9_597;

/** A message's text and blocks, checked as Slack does; `longest` is the text's limit, which differs by method. */
export const content = (it: { text?: string | undefined; blocks?: unknown }, longest: number) => {
  const text = it.text ?? '';
  const blocks = it.blocks === undefined ? [] : checkedBlocks(it.blocks);
  if (text === '' && blocks.length === 0) throw new SlackError('no_text');
  if (text.length > longest) throw new SlackError('msg_too_long');
  return { text, blocks };
};

const checkedBlocks = (given: unknown): Block[] => {
  const blocks = decoded(given, 'invalid_blocks_format');
  if (!Array.isArray(blocks)) throw new SlackError('invalid_blocks_format');
  const checked = check(messageBlocks, blocks, { pointer: '/blocks', code: 'invalid_blocks' });
  if (textIn(checked) > TEXT_OF_ALL_BLOCKS) throw new SlackError('msg_blocks_too_long');
  return identified(checked, () => randomBytes(4).toString('base64url').slice(0, 5));
};

/** Forms carry structures as JSON in a string; JSON bodies may do so too. */
export const decoded = (given: unknown, code: string): unknown => {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given);
  } catch {
    throw new SlackError(code);
  }
};

const textIn = (it: unknown): number =>
  typeof it === 'object' && it !== null
    ? Object.entries(it).reduce(
        (sum, [name, value]) => sum + (name === 'text' && typeof value === 'string' ? value.length : textIn(value)),
        0,
      )
    : 0;
