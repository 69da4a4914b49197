import { expect, it, test } from 'vitest';
import { messageBlocks, modalBlocks } from '../../../lib/local/slack/block-kit/blocks.ts';
import { check } from '../../../lib/local/slack/block-kit/check.ts';
import { modal } from '../../../lib/local/slack/block-kit/view.ts';
import type { SlackError } from '../../../lib/local/slack/slack-error.ts';
import { markdown, plain, REASON, slackWith } from './harness.ts';

const problems = (run: () => unknown): string[] => {
  try {
    run();
    return [];
  } catch (error) {
    return (error as SlackError).details;
  }
};
const inMessage = (...blocks: object[]) =>
  problems(() => check(messageBlocks, blocks, { pointer: '/blocks', code: 'invalid_blocks' }));
const inModal = (change: object) =>
  problems(() => check(modal, { ...REASON, ...change }, { pointer: '/view', code: 'invalid_arguments' }));

const section = (length: number) => ({ type: 'section', text: markdown('x'.repeat(length)) });
const button = (change: object = {}) => ({ type: 'button', action_id: 'a', text: plain('Go'), ...change });
const actions = (...elements: object[]) => ({ type: 'actions', elements });

test.each([
  ['a section of 3000', section(3000), section(3001)],
  [
    'a field of 2000',
    { type: 'section', fields: [plain('x'.repeat(2000))] },
    { type: 'section', fields: [plain('x'.repeat(2001))] },
  ],
  [
    'a header of 150',
    { type: 'header', text: plain('x'.repeat(150)) },
    { type: 'header', text: plain('x'.repeat(151)) },
  ],
  [
    'a button of 75',
    actions(button({ text: plain('x'.repeat(75)) })),
    actions(button({ text: plain('x'.repeat(76)) })),
  ],
  ['a value of 2000', actions(button({ value: 'x'.repeat(2000) })), actions(button({ value: 'x'.repeat(2001) }))],
  [
    'an action_id of 255',
    actions(button({ action_id: 'x'.repeat(255) })),
    actions(button({ action_id: 'x'.repeat(256) })),
  ],
  ['a block_id of 255', { type: 'divider', block_id: 'x'.repeat(255) }, { type: 'divider', block_id: 'x'.repeat(256) }],
  [
    'a url of 3000',
    actions(button({ url: `http://${'x'.repeat(2993)}` })),
    actions(button({ url: `http://${'x'.repeat(2994)}` })),
  ],
])('takes %s characters and no more', (_, longest, tooLong) => {
  expect(inMessage(longest)).toEqual([]);
  expect(inMessage(tooLong)).toHaveLength(1);
});

it('takes 50 blocks in a message, 25 buttons in a row and 10 fields', () => {
  const many = <Item>(count: number, item: (index: number) => Item) =>
    Array.from({ length: count }, (_, index) => item(index));
  const numbered = (index: number) => button({ action_id: String(index) });
  expect(inMessage(...many(50, () => ({ type: 'divider' })))).toEqual([]);
  expect(inMessage(...many(51, () => ({ type: 'divider' })))).toEqual([
    'no more than 50 items allowed [json-pointer:/blocks]',
  ]);
  expect(inMessage(actions(...many(25, numbered)))).toEqual([]);
  expect(inMessage(actions(...many(26, numbered)))).toHaveLength(1);
  expect(inMessage({ type: 'section', fields: many(11, () => plain('x')) })).toHaveLength(1);
  const blocks = many(101, () => ({ type: 'divider' }));
  expect(problems(() => check(modalBlocks, blocks.slice(1), { pointer: '', code: '' }))).toEqual([]);
  expect(problems(() => check(modalBlocks, blocks, { pointer: '', code: '' }))).toHaveLength(1);
});

it('tells what is wrong where, in the form that Slack does', async () => {
  const { call } = await slackWith();
  expect(await call('chat.postMessage', { channel: 'C1', blocks: [section(3001)] })).toEqual({
    ok: false,
    error: 'invalid_blocks',
    errors: ['must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
    response_metadata: { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'] },
    status: 200,
  });
  expect(inMessage({ type: 'sektion' })).toEqual(['unsupported type: sektion [json-pointer:/blocks/0/type]']);
  expect(inMessage({})).toEqual(['missing required field: type [json-pointer:/blocks/0]']);
  expect(inMessage({ type: 'header' })).toEqual(['missing required field: text [json-pointer:/blocks/0]']);
  expect(inMessage({ type: 'header', text: markdown('x') })).toHaveLength(1);
  expect(inMessage({ type: 'divider', colour: 'red' })).toEqual([
    'invalid additional property: colour [json-pointer:/blocks/0]',
  ]);
  expect(inMessage({ type: 'section' })).toEqual(['must have either a text or fields [json-pointer:/blocks/0]']);
  expect(inMessage(section(0))).toEqual(['must be more than 0 characters [json-pointer:/blocks/0/text/text]']);
});

it('refuses identifiers that occur twice, and inputs in messages', () => {
  expect(inMessage({ type: 'divider', block_id: 'a' }, { type: 'divider', block_id: 'a' })).toHaveLength(1);
  expect(inMessage(actions(button(), button()))).toHaveLength(1);
  expect(inMessage(REASON.blocks[0]!)).toEqual(['unsupported type: input [json-pointer:/blocks/0/type]']);
});

it('refuses too much text in all the blocks together', async () => {
  const { call } = await slackWith();
  const post = (blocks: object[]) => call('chat.postMessage', { channel: 'C1', text: 'x', blocks });
  expect((await post([section(3000), section(3000), section(3000)])).ok).toBe(true);
  expect((await post([section(3000), section(3000), section(3000), section(3000)])).error).toBe('msg_blocks_too_long');
});

it("checks a modal's title, metadata and need of a submit button", () => {
  expect(inModal({})).toEqual([]);
  expect(inModal({ title: plain('x'.repeat(24)) })).toEqual([]);
  expect(inModal({ title: plain('x'.repeat(25)) })).toHaveLength(1);
  expect(inModal({ private_metadata: 'x'.repeat(3001) })).toHaveLength(1);
  expect(inModal({ callback_id: 'x'.repeat(256) })).toHaveLength(1);
  expect(inModal({ type: 'home' })).toHaveLength(1);
  expect(inModal({ submit: undefined })).toEqual([
    'must define `submit` to use an `input` block [json-pointer:/view/blocks/0]',
  ]);
});

it('gives blocks and buttons the identifiers that they lack', async () => {
  const { call } = await slackWith();
  const { message } = await call('chat.postMessage', {
    channel: 'C1',
    blocks: [actions(button({ action_id: undefined }))],
  });
  expect(message.blocks[0].block_id).toMatch(/^.{5}$/);
  expect(message.blocks[0].elements[0]).toMatchObject({
    action_id: expect.stringMatching(/^.{5}$/),
    text: { emoji: true },
  });
});
