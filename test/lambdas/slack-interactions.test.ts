import { InvokeCommand } from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { APPROVE, REASON } from '../../lib/approval/slack/blocks.ts';
import { openRequest } from '../../lib/ledger/requests.ts';
import { asked } from '../approval/request.ts';
import { itemsOf } from '../ledger/harness.ts';
import { awsError, mocks, step } from './harness.ts';
import { BOT_TOKEN, carried, fromSlack, inSlack, SIGNING_SECRET } from './slack.ts';

const { opened, logs } = step('slack-interactions', {
  ...{ SLACK_SECRET: 'lockstep/slack', SLACK_TEAM: 'T0001', SLACK_CHANNEL: 'C0001' },
  DECISION_FUNCTION: 'slack-decision',
});
const calls = inSlack();

const who = { team: { id: 'T0001' }, user: { id: 'UADA0001' } };
const pressed = {
  ...{ type: 'block_actions', ...who, channel: { id: 'C0001' }, trigger_id: 'trigger' },
  actions: [{ action_id: APPROVE, value: carried }],
};
const submitted = (reason: string) => ({
  ...{ type: 'view_submission', ...who },
  view: {
    ...{ callback_id: APPROVE, private_metadata: carried },
    state: { values: { [REASON]: { [REASON]: { value: reason } } } },
  },
});
const handed = () => mocks.lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => input);

const ready = async () => {
  const it = await opened();
  await openRequest(it.ledger, asked());
  return it;
};

beforeEach(() => {
  mocks.lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
});

describe('a button that is pressed', () => {
  it('opens the modal, with the bot token, and decides nothing', async () => {
    const { invoke } = await ready();
    expect(await invoke(fromSlack(pressed))).toMatchObject({ statusCode: 200 });
    expect(calls).toMatchObject([
      { method: 'views.open', authorization: `Bearer ${BOT_TOKEN}`, body: { trigger_id: 'trigger' } },
    ]);
    expect(handed()).toEqual([]);
  });
});

describe('a modal that is sent', () => {
  it('is handed over to the function that decides, which is not waited for', async () => {
    const { invoke } = await ready();
    expect(await invoke(fromSlack(submitted('as agreed')))).toMatchObject({ statusCode: 200 });
    expect(handed()).toMatchObject([{ FunctionName: 'slack-decision', InvocationType: 'Event' }]);
    expect(JSON.parse(String(handed()[0]!.Payload))).toEqual({
      ...{ run: 'run-1', user: 'UADA0001', channel: 'C0001' },
      ballot: {
        identity: { channel: 'slack', team: 'T0001', user: 'UADA0001' },
        ...{ decision: 'approved', reason: 'as agreed', planDigest: asked().planDigest },
        castAt: expect.any(String),
      },
    });
  });

  it('counts once, however often its bytes arrive', async () => {
    const { invoke } = await ready();
    const event = fromSlack(submitted('as agreed'));
    expect(await invoke(event)).toMatchObject({ statusCode: 200 });
    expect(await invoke(event)).toMatchObject({ statusCode: 409 });
    expect(handed()).toHaveLength(1);
  });

  it('is an error that its sender sees if it can not be handed over', async () => {
    mocks.lambda.on(InvokeCommand).rejects(awsError('TooManyRequestsException'));
    const { invoke } = await ready();
    expect(await invoke(fromSlack(submitted('x')))).toMatchObject({ statusCode: 500 });
  });
});

describe('what does not come from Slack', () => {
  it.each<[string, object]>([
    ['signed with another secret', fromSlack(pressed, { secret: 'another' })],
    ['signed six minutes ago', fromSlack(pressed, { at: Math.floor(Date.now() / 1000) - 360 })],
    ['not signed', { ...fromSlack(pressed), headers: { host: 'approve.example' } }],
    ['of another body', { ...fromSlack(pressed), body: fromSlack(submitted('x')).body }],
  ])('is refused: %s', async (_, event) => {
    const { invoke, ledger } = await ready();
    const before = await itemsOf(ledger);
    expect(await invoke(event)).toMatchObject({ statusCode: 401 });
    expect([await itemsOf(ledger), calls, handed()]).toEqual([before, [], []]);
  });

  it('is refused from another workspace, and on another path', async () => {
    const { invoke } = await ready();
    expect(await invoke(fromSlack({ ...pressed, team: { id: 'T0002' } }))).toMatchObject({ statusCode: 403 });
    expect(await invoke(fromSlack(pressed, { path: '/slack/events' }))).toMatchObject({ statusCode: 404 });
    expect([calls, handed()]).toEqual([[], []]);
  });

  it('learns neither of the secrets from log or answer', async () => {
    mocks.lambda.on(InvokeCommand).rejects(awsError('X', SIGNING_SECRET + BOT_TOKEN));
    const { invoke } = await ready();
    const answers = [await invoke(fromSlack(submitted('x'))), await invoke(fromSlack(pressed, { secret: 'x' }))];
    expect(logs()).not.toBe('');
    expect(JSON.stringify(answers) + logs()).not.toMatch(new RegExp(`${SIGNING_SECRET}|${BOT_TOKEN}`));
  });
});
