import { SendTaskFailureCommand, SendTaskHeartbeatCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { expect, it, vi } from 'vitest';
import { approvalPages, TOKEN } from './harness.ts';

const { opened, sfn, sent } = approvalPages();
const approve = { decision: 'approved', by: 'Berta' };

it('approves: writes the decision down and tells the run, once', async () => {
  const pages = await opened();
  const { status, text } = await pages.post({ nonce: await pages.nonce(), ...approve });
  expect(status).toBe(200);
  expect(text).toContain('Recorded: <strong>approved</strong> by Berta, 2026-01-05 09:30 UTC.');
  expect(text).toContain('The run goes on.');
  expect(await pages.decision()).toEqual({ ...approve, reason: '', at: '2026-01-05T09:30:00.000Z' });
  expect(sent()).toEqual([
    {
      command: 'SendTaskSuccessCommand',
      taskToken: TOKEN,
      output: '{"decision":"approved","by":"Berta","at":"2026-01-05T09:30:00.000Z"}',
    },
  ]);
});

it('rejects with a reason, which the run ends with', async () => {
  const pages = await opened();
  const { status, text } = await pages.post({
    nonce: await pages.nonce(),
    decision: 'rejected',
    by: ' Berta ',
    reason: 'not on a <Friday>',
  });
  expect(status).toBe(200);
  expect(text).toContain('<blockquote>not on a &lt;Friday&gt;</blockquote>');
  expect(sent()).toEqual([
    { command: 'SendTaskFailureCommand', taskToken: TOKEN, error: 'Rejected', cause: 'Berta: not on a <Friday>' },
  ]);
});

it.each([
  ['no nonce', () => ({})],
  ['an empty nonce', () => ({ nonce: '' })],
  ['a wrong nonce', () => ({ nonce: 'x'.repeat(43) })],
  ['the id for a nonce', ({ id }: { id: string }) => ({ nonce: id })],
])('refuses a form with %s', async (_, wrong) => {
  const pages = await opened();
  const { status, text } = await pages.post({ ...wrong(pages), ...approve });
  expect(status).toBe(403);
  expect(text).toContain('Open the link again and decide there.');
  expect([await pages.decision(), sent()]).toEqual([undefined, []]);
});

it("refuses another request's nonce", async () => {
  const pages = await opened();
  const other = await pages.put({ taskToken: 'another token' });
  const nonce = await pages.nonce(`/approvals/${other.id}`);
  expect(nonce).not.toBe('');
  expect((await pages.post({ nonce, ...approve })).status).toBe(403);
  expect([await pages.decision(), sent()]).toEqual([undefined, []]);
});

it.each(['application/json', 'text/plain', 'multipart/form-data'])(
  'takes no decision out of a body of %s',
  async (type) => {
    const pages = await opened();
    const body = JSON.stringify({ nonce: await pages.nonce(), ...approve });
    const { status } = await pages.get(pages.path, { method: 'POST', body, headers: { 'content-type': type } });
    expect(status).toBe(403);
    expect([await pages.decision(), sent()]).toEqual([undefined, []]);
  },
);

it.each([
  ['neither approve nor reject', { by: 'Berta' }, 'Choose Approve or Reject.'],
  ['something else', { decision: 'maybe', by: 'Berta' }, 'Choose Approve or Reject.'],
  ['no name', { decision: 'approved', by: '  ' }, 'Give your name'],
  ['a name without end', { decision: 'approved', by: 'x'.repeat(101) }, 'Give your name'],
  ['a rejection without reason', { decision: 'rejected', by: 'Berta', reason: ' ' }, 'Rejecting needs a reason.'],
])('asks again on %s', async (_, form, text) => {
  const pages = await opened();
  const answer = await pages.post({ nonce: await pages.nonce(), ...form });
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(text)]);
  expect([await pages.decision(), sent()]).toEqual([undefined, []]);
});

it('tells the second of the first decision, which holds', async () => {
  const pages = await opened();
  const nonce = await pages.nonce();
  await pages.post({ nonce, ...approve });
  sfn.on(SendTaskSuccessCommand).rejects(Object.assign(new Error('closed'), { name: 'TaskTimedOut' }));
  const { status, text } = await pages.post({ nonce, decision: 'rejected', by: 'Carl', reason: 'no' });
  expect(status).toBe(409);
  expect(text).toContain('Already decided: <strong>approved</strong> by Berta');
  expect(text).not.toContain('Carl');
  expect(sfn.commandCalls(SendTaskFailureCommand)).toEqual([]);
  expect((await pages.post({ nonce, ...approve, by: 'Dora' })).status).toBe(200);
  expect(await pages.decision()).toMatchObject({ decision: 'approved', by: 'Berta' });
});

it('lets one of 20 clicks at once decide', async () => {
  const pages = await opened();
  const nonce = await pages.nonce();
  const clicks = Array.from({ length: 20 }, (_, n) =>
    pages.post({ nonce, decision: n % 2 ? 'approved' : 'rejected', by: `Person ${n}`, reason: 'so' }),
  );
  const answers = await Promise.all(clicks);
  const { decision, by } = await pages.decision();
  for (const { text } of answers) expect(text).toContain(`<strong>${decision}</strong> by ${by},`);
  expect(answers.filter(({ text }) => text.includes('Recorded'))).toHaveLength(1);
  expect(new Set(sent().map(({ command }) => command)).size).toBe(1);
});

it.each(['TaskTimedOut', 'TaskDoesNotExist'])(
  'records nothing for a run that does not wait any more: it was answered otherwise, or stopped (%s)',
  async (name) => {
    const pages = await opened();
    const nonce = await pages.nonce();
    sfn.on(SendTaskHeartbeatCommand).rejects(Object.assign(new Error('closed'), { name }));
    const { status, text } = await pages.post({ nonce, ...approve });
    expect([status, text.includes('Nobody waits for this')]).toEqual([410, true]);
    expect([await pages.decision(), sent()]).toEqual([undefined, []]);
  },
);

it.each(['TaskTimedOut', 'TaskDoesNotExist'])(
  'does not claim that the run goes on when it waits no more (%s)',
  async (name) => {
    const pages = await opened();
    sfn.on(SendTaskSuccessCommand).rejects(Object.assign(new Error('closed'), { name }));
    const { status, text } = await pages.post({ nonce: await pages.nonce(), ...approve });
    expect([status, text]).toEqual([200, expect.stringContaining('The run is not waiting for this decision')]);
    expect(text).not.toContain('The run goes on.');
  },
);

it('delivers on repetition what was written down but not sent', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  const pages = await opened();
  const nonce = await pages.nonce();
  sfn
    .on(SendTaskSuccessCommand)
    .rejectsOnce(Object.assign(new Error(`no such ${TOKEN}`), { name: 'ServiceUnavailable' }))
    .resolves({});
  const broken = await pages.post({ nonce, ...approve });
  expect([broken.status, broken.text]).toEqual([500, expect.stringContaining('Try the link again.')]);
  expect(await pages.decision()).toMatchObject(approve);
  expect(JSON.stringify(log.mock.calls)).toContain(
    'approved by Berta is recorded, but could not be sent to the run: ServiceUnavailable',
  );
  expect(`${JSON.stringify(log.mock.calls)}${broken.text}`).not.toContain(TOKEN);
  log.mockRestore();

  const again = await pages.post({ nonce, ...approve });
  expect([again.status, again.text]).toEqual([200, expect.stringContaining('The run goes on.')]);
  expect(sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(2);
});

it('offers on the page of a decided request to send the decision again, and sends the one that holds', async () => {
  const pages = await opened();
  await pages.post({ nonce: await pages.nonce(), decision: 'rejected', by: 'Berta', reason: 'no' });
  sfn.resetHistory();
  pages.clock.now = new Date('2026-01-05T12:00:00.000Z');
  const { status, text } = await pages.get();
  expect([status, text]).toEqual([200, expect.stringContaining('Already decided: <strong>rejected</strong> by Berta')]);
  expect(text).toContain('Send the decision again');
  expect(sent()).toEqual([]);
  const again = await pages.post({ nonce: await pages.nonce() });
  expect([again.status, again.text]).toEqual([
    200,
    expect.stringContaining('Already decided: <strong>rejected</strong> by Berta'),
  ]);
  expect(sent()).toMatchObject([{ command: 'SendTaskFailureCommand', cause: 'Berta: no' }]);
});

it('is too late when time is up, for looking and for deciding', async () => {
  const pages = await opened();
  const nonce = await pages.nonce();
  pages.clock.now = new Date('2026-01-05T10:00:00.000Z');
  expect((await pages.get()).status).toBe(410);
  const { status, text } = await pages.post({ nonce, ...approve });
  expect([status, text]).toEqual([410, expect.stringContaining('Nobody decided before 2026-01-05T10:00:00.000Z')]);
  expect([await pages.decision(), sent()]).toEqual([undefined, []]);
});

it('is too late when time runs out between two looks at the clock', async () => {
  const pages = await opened();
  const nonce = await pages.nonce();
  const clock = [new Date('2026-01-05T09:59:59.999Z'), new Date('2026-01-05T10:00:00.000Z')];
  Object.defineProperty(pages.clock, 'now', { get: () => clock.shift() });
  expect((await pages.post({ nonce, ...approve })).status).toBe(410);
  expect([await pages.decision(), sent()]).toEqual([undefined, []]);
});

it('lets nobody approve another plan than the one that was asked for', async () => {
  const pages = await opened();
  const nonce = await pages.nonce();
  const key = 'runs/run-1/plan.json';
  pages.bucket.files[key] = pages.bucket.files[key]!.replace('002_drop_carts.sql', '002_harmless.sql');
  const shown = await pages.get();
  expect([shown.status, shown.text]).toEqual([409, expect.stringContaining('Not the same plan')]);
  expect(shown.text).not.toContain('002_harmless.sql');
  expect((await pages.post({ nonce, ...approve })).status).toBe(409);
  expect([await pages.decision(), sent()]).toEqual([undefined, []]);
});
