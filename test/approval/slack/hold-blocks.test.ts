import { describe, expect, it } from 'vitest';
import { decisionModal, messageBlocks, messageText } from '../../../lib/approval/slack/blocks.ts';
import { holdBlocks } from '../../../lib/approval/slack/hold-blocks.ts';
import { messageBlocks as asSlackTakesThem } from '../../../lib/local/slack/block-kit/blocks.ts';
import { held, rollout } from '../hold/held.ts';
import { at } from '../request.ts';

const link = 'https://approve.example.com/approvals/AAAAAAAAAAAAAAAAAAAAAA';
const asking = (request = held()) => holdBlocks(request, request.hold, link);
const text = (blocks: unknown) => JSON.stringify(blocks);
const actions = (blocks: { type: string; elements?: unknown }[]) =>
  blocks
    .filter(({ type }) => type === 'actions')
    .flatMap(({ elements }) => (elements as { action_id: string; value: string }[]) ?? []);

describe('the message about a rollout that is held', () => {
  it('says why, how far it came, what failed, and what each button would do', () => {
    const said = text(messageBlocks(held(), asking()));
    for (const part of [
      ...['Held: shop · PRODUCTION', 'after wave 2', 'failure budget of wave 2 is spent'],
      ...['17 applied, 2 failed, 1 in doubt', 'shop-eu-1/tenant\u200b_acme', '.sql:12', link],
      ...[
        '2 databases of wave 2 were not begun',
        'goes on with wave 3',
        'taken back, newest first',
        'ends here as failed',
      ],
    ])
      expect(said).toContain(part);
    expect(messageText(held())).toContain('shop production is held: the failure budget');
  });

  it('has a button for each answer there is, which carries the request and what was shown, and nothing secret', () => {
    const blocks = messageBlocks(held(), asking());
    expect(actions(blocks).map(({ action_id }) => action_id)).toEqual([
      ...['lockstep_resume', 'lockstep_revert', 'lockstep_abandon'],
    ]);
    for (const { value } of actions(blocks))
      expect(JSON.parse(value)).toEqual({ run: 'run-1#1', planDigest: held().planDigest });
    expect(text(blocks)).not.toMatch(/task-token|kkkkk/);
    const stuck = held({ hold: rollout({ canRevert: false, withoutDown: ['2_gone.sql'] }) });
    const without = messageBlocks(stuck, asking(stuck));
    expect(actions(without).map(({ action_id }) => action_id)).toEqual(['lockstep_resume', 'lockstep_abandon']);
    expect(text(without)).toContain('2\u200b_gone.sql has no down file');
  });

  it('asks for the reason, which abandoning needs, and repeats what is about to happen', () => {
    const value = { run: 'run-1#1', planDigest: held().planDigest };
    const abandon = decisionModal('abandon', value, held());
    expect(abandon).toMatchObject({ callback_id: 'lockstep_abandon', private_metadata: JSON.stringify(value) });
    expect(abandon.blocks.at(-1)).toMatchObject({ optional: false });
    expect(decisionModal('resume', value, held()).blocks.at(-1)).toMatchObject({ optional: true });
    expect(text(abandon)).toContain('Abandon run `run-1` of *shop* in *PRODUCTION*?');
    expect(text(abandon)).toContain('another run of the bundle would take it up');
  });

  it('has no buttons any more once it is decided', () => {
    const by = { by: 'Ada', reason: 'known', at: at('09:10:00').toISOString() };
    const proof = { channel: 'slack', assurance: 'high', identity: 'slack T/U' } as const;
    const done = held({
      votes: [{ decision: 'resume', ...by, ...proof }],
      outcome: { decision: 'resume', at: by.at },
    });
    const blocks = messageBlocks(done, asking(done));
    expect(actions(blocks)).toEqual([]);
    expect(text(blocks)).toContain('*resumed by Ada: known*');
  });

  it('stays within what Slack takes, whatever failed', () => {
    const long = 'x<&>`*'.repeat(2000);
    const failure = { ...rollout().failures[0]!, message: long, file: long };
    const endless = held({
      hold: rollout({ reason: long, failures: Array.from({ length: 40 }, () => failure), moreFailures: 900 }),
    });
    expect(() => asSlackTakesThem.parse(messageBlocks(endless, asking(endless)))).not.toThrow();
  });
});
