import { describe, expect, it } from 'vitest';
import { jsonLines } from '../../lib/cli/progress-json.ts';
import { seeThrough } from '../../lib/cli/run-environment.ts';
import { waitingMarkdown } from '../../lib/cli/run-markdown.ts';

const started = { execution: 'arn', run: 'run-1', revert: null };
const parked = {
  ...{ at: '2026-01-05T09:00:00.000Z', until: '2026-01-06T01:00:00.000Z', wave: 2, name: 'rest' },
  ...{ shown: 'Tuesday', reason: 'it is closed' },
};
const asked = {
  ...{ pk: 'APPROVAL#run-1', sk: 'HOLD#0001', outcome: null, expiresAt: '2026-01-05T12:00:00.000Z' },
  hold: { number: 1, wave: 1, reason: '2 databases failed', canRevert: true },
};
const hold = { next: 'hold', hold: { number: 1, wave: 1, reason: '2 databases failed', canRevert: true } };
const park = { next: 'park', park: { wave: 2, until: parked.until }, answer: null };

/** How a run is left of which this is the newest state, entered as Gate had said; and the lines of JSON on the way. */
const left = async (state: string, gate: object | null, mayReadHolds = true) => {
  const events = [
    { id: 3, type: 'TaskSubmitted' },
    { id: 2, type: 'TaskStateEntered', stateEnteredEventDetails: { name: state } },
    {
      ...{ id: 1, type: 'TaskStateExited' },
      stateExitedEventDetails: { name: 'Gate', assignedVariables: { gate: JSON.stringify(gate) } },
    },
  ];
  const dynamodb = async ({ input }: { input: { Key?: { sk: string } } }) => {
    if (input.Key) return { Item: input.Key.sk === 'PARKED' ? parked : undefined };
    if (!mayReadHolds) throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    return { Items: [asked] };
  };
  const sfn = async ({ constructor: { name } }: object) =>
    name === 'DescribeExecutionCommand' ? { status: 'RUNNING' } : { events };
  const s3 = async () => {
    throw Object.assign(new Error('none'), { name: 'NoSuchKey' });
  };
  const clients = { dynamodb: { send: dynamodb }, sfn: { send: sfn }, s3: { send: s3 } } as never;
  const pipeline = { environment: 'production', bucket: 'b', ledger: 't' } as never;
  const lines: string[] = [];
  const tell = jsonLines((line) => lines.push(line));
  const waiting = await seeThrough(clients, pipeline, started, tell, { interval: 0, leaveWaiting: true });
  return { waiting, last: JSON.parse(lines.at(-1) ?? 'null') };
};

describe('a run that is left to itself tells what it waits for', () => {
  it('an approval', async () => {
    const { waiting, last } = await left('RequestApproval', null);
    expect(waiting).toEqual({ for: 'approval', wave: null, reason: null, until: null });
    expect(last).toMatchObject({ event: 'waiting', for: 'approval', held: null });
  });

  it.each([
    ['', true, asked.expiresAt],
    [', to CI, too, which may not read what people are asked', false, null],
  ])('a word of people on why it is held%s', async (_, mayReadHolds, until) => {
    const { waiting, last } = await left('Hold', hold, mayReadHolds);
    expect(waiting).toEqual({ for: 'hold', wave: 1, reason: '2 databases failed', until });
    expect(last).toMatchObject({ event: 'waiting', for: 'hold', held: { wave: 1, reason: '2 databases failed' } });
  });

  it('people, where it is not known any more why it is held', async () => {
    const { waiting } = await left('Hold', null, false);
    expect(waiting).toEqual({ for: 'hold', wave: null, reason: null, until: null });
  });

  it('its window', async () => {
    const { waiting, last } = await left('Park', park);
    expect(waiting).toEqual({ for: 'window', wave: 2, reason: 'it is closed', until: parked.until });
    expect(last).toMatchObject({ event: 'parked', until: parked.until });
  });

  it('as Markdown', () => {
    const waiting = { for: 'window' as const, wave: 2, reason: 'it is <closed>', until: parked.until };
    expect(waitingMarkdown({ environment: 'production', run: 'run-1', waiting }, 'Wait.')).toBe(
      '### ⏳ production: it is parked until 2026-01-06 01\\:00\\:00Z\n\nit is &lt;closed\\>\n\nRun `run-1`. Wait.',
    );
  });
});
