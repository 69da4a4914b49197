import { SendTaskHeartbeatCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it, vi } from 'vitest';
import { approvalPages, TOKEN } from './harness.ts';
import { readable } from './readable.ts';
import { at, policy } from './request.ts';

const { opened, sfn, sent } = approvalPages();
const approve = { decision: 'approved' };
const reject = { decision: 'rejected', reason: 'not on a <Friday>' };
const closed = (name: string) => Object.assign(new Error(`no task for ${TOKEN}`), { name });

/** A page that nothing has come of. */
const untouched = async ({ held }: { held: () => Promise<{ votes: unknown[]; outcome: unknown }> }) => {
  const { votes, outcome } = await held();
  expect([votes, outcome, sent()]).toEqual([[], null, []]);
};

describe('the form', () => {
  it('approves when the environment is typed, as the person whose link it is', async () => {
    const pages = await opened();
    const { status, text } = await pages.send(approve);
    expect([status, readable(text)]).toEqual([
      200,
      expect.stringContaining('Recorded. Approved by Ada. The run goes on.'),
    ]);
    expect((await pages.held()).votes).toMatchObject([{ by: 'Ada', channel: 'mail', assurance: 'low', reason: '' }]);
    expect(sent()).toMatchObject([{ command: 'SendTaskSuccessCommand', taskToken: TOKEN }]);
  });

  it('says how many are still needed', async () => {
    const pages = await opened({ request: { quorum: 3 } });
    const { text } = await pages.send(approve);
    expect(readable(text)).toContain('Recorded. You approve. 2 more approvals are needed before the run goes on.');
    expect(readable(text)).toContain('You have approved');
  });

  it('rejects with a reason', async () => {
    const pages = await opened();
    const { status, text } = await pages.send(reject);
    expect(status).toBe(200);
    expect(text).toContain('<q>not on a &lt;Friday&gt;</q>');
    expect(sent()).toMatchObject([{ error: 'Rejected', cause: 'Ada: not on a <Friday>' }]);
  });

  it('withdraws an approval before the quorum is reached, which may then be given anew', async () => {
    const pages = await opened({ request: { quorum: 2 } });
    await pages.send(approve);
    const { status, text } = await pages.send({ decision: 'withdrawn' });
    expect([status, readable(text)]).toEqual([200, expect.stringContaining('Your word does not count any more.')]);
    expect((await pages.held()).votes).toMatchObject([{ by: 'Ada', withdrawnAt: '2026-01-05T09:30:00.000Z' }]);
    expect((await pages.send(approve)).status).toBe(200);
    expect((await pages.held()).votes).toHaveLength(2);
  });

  it('finds the reason of several lines as it was typed', async () => {
    const pages = await opened();
    await pages.send({ ...reject, reason: 'one\r\ntwo ' });
    expect((await pages.held()).votes[0]?.reason).toBe('one\ntwo');
  });
});

describe('what is not right', () => {
  it.each([
    ['another environment', { ...approve, environment: 'staging' }, 'Type the name of the environment, production'],
    ['the environment in capitals', { ...approve, environment: 'Production' }, 'Type the name of the environment'],
    ['no environment', { ...approve, environment: '' }, 'Type the name of the environment'],
    ['no decision', {}, 'Choose Approve or Reject.'],
    ['another decision', { decision: 'maybe' }, 'Choose Approve or Reject.'],
    ['a rejection without reason', { decision: 'rejected', reason: ' ' }, 'Rejecting needs a reason'],
    ['a reason without end', { decision: 'rejected', reason: 'x'.repeat(1_001) }, 'at most 1000 characters'],
  ])('asks again on %s, and keeps what was typed', async (_, form, text) => {
    const pages = await opened();
    const answer = await pages.send({ reason: 'so', ...form });
    expect([answer.status, readable(answer.text)]).toEqual([400, expect.stringContaining(text)]);
    expect(answer.text).toContain('role="alert"');
    expect(answer.text).toContain('name="nonce"');
    await untouched(pages);
    const again = /name="nonce" value="([^"]+)"/.exec(answer.text)![1]!;
    expect((await pages.post({ nonce: again, environment: 'production', ...approve })).status).toBe(200);
  });

  it.each([
    ['no nonce', async () => ''],
    ['a made-up nonce', async () => `${at('09:30:00').getTime().toString(36)}.${'x'.repeat(22)}.${'x'.repeat(43)}`],
    ["another person's nonce", async ({ link, nonce }: Pages) => nonce(await link('Berta'))],
    ['a nonce of an hour ago', oldNonce],
  ])('refuses a form with %s', async (_, of) => {
    const pages = await opened();
    const nonce = await of(pages);
    const { status, text } = await pages.post({ nonce, environment: 'production', ...approve });
    expect([status, text]).toEqual([403, expect.stringContaining('Open the link again and decide there.')]);
    await untouched(pages);
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data', ''])('reads no body of %s', async (type) => {
    const pages = await opened();
    const body = new URLSearchParams({ nonce: await pages.nonce(), environment: 'production', ...approve }).toString();
    const { status } = await pages.get(pages.path, { method: 'POST', body, headers: { 'content-type': type } });
    expect(status).toBe(415);
    await untouched(pages);
  });

  it('reads no form of more than 16 KiB, whatever it says of its length', async () => {
    const pages = await opened();
    const form = { nonce: await pages.nonce(), environment: 'production', ...reject, reason: 'x'.repeat(17_000) };
    expect((await pages.post(form)).status).toBe(413);
    const lying = await pages.post(form, pages.path, { 'content-length': '10' });
    expect(lying.status).toBe(413);
    await untouched(pages);
  });

  it('takes no form that says two things', async () => {
    const pages = await opened();
    const body = new URLSearchParams([
      ['nonce', await pages.nonce()],
      ['environment', 'production'],
      ['decision', 'approved'],
      ['decision', 'rejected'],
    ]);
    const { status } = await pages.get(pages.path, { method: 'POST', body });
    expect(status).toBe(400);
    await untouched(pages);
  });

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example', host: 'approve.example' }, 403],
    [{ origin: 'https://approve.example.evil.example', host: 'approve.example' }, 403],
    [{ origin: 'nonsense', host: 'approve.example' }, 403],
    [{ origin: 'https://approve.example', host: 'approve.example' }, 200],
    [{ origin: 'null', 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
    [{}, 200],
  ])('answers what comes with %j by %i', async (headers, expected) => {
    const pages = await opened();
    const form = { nonce: await pages.nonce(), environment: 'production', ...approve };
    const { status } = await pages.post(form, pages.path, headers as Record<string, string>);
    expect(status).toBe(expected);
    if (expected === 403) await untouched(pages);
  });

  it('takes thirty forms by a link in ten minutes, then says when to come again', async () => {
    const pages = await opened();
    for (let n = 0; n < 30; n += 1) expect((await pages.post({})).status).toBe(403);
    const before = await pages.items();
    const form = { nonce: await pages.nonce(), environment: 'production', ...approve };
    const { status, headers } = await pages.post(form);
    expect([status, headers.get('retry-after')]).toEqual([429, '600']);
    expect(await pages.items()).toEqual(before);
    await untouched(pages);
    pages.clock.now = at('09:39:59');
    expect((await pages.post(form)).headers.get('retry-after')).toBe('1');
    expect((await pages.post({}, await pages.link('Berta'))).status).toBe(403);
    pages.clock.now = at('09:40:00');
    expect((await pages.post(form)).status).toBe(200);
  });
});

describe('a second click', () => {
  it('with the same form is told the same, and tells the run should it not have heard', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const pages = await opened();
    const form = { nonce: await pages.nonce(), environment: 'production', ...approve };
    sfn.on(SendTaskSuccessCommand).rejectsOnce(closed('ServiceUnavailable')).resolves({});
    const broken = await pages.post(form);
    expect([broken.status, readable(broken.text)]).toEqual([502, expect.stringContaining('that holds')]);
    expect(`${JSON.stringify(log.mock.calls)}${broken.text}`).not.toContain(TOKEN);
    log.mockRestore();
    const again = await pages.post(form);
    expect([again.status, readable(again.text)]).toEqual([200, expect.stringContaining('As you said before.')]);
    expect((await pages.held()).deliveredAt).toBe('2026-01-05T09:30:00.000Z');
    expect((await pages.post(form)).status).toBe(200);
    expect(sent()).toHaveLength(2);
  });

  it('with the same form does not approve again what was withdrawn', async () => {
    const pages = await opened({ request: { quorum: 2 } });
    const form = { nonce: await pages.nonce(), environment: 'production', ...approve };
    await pages.post(form);
    await pages.send({ decision: 'withdrawn' });
    expect((await pages.post(form)).status).toBe(409);
    expect((await pages.held()).votes).toMatchObject([{ withdrawnAt: expect.any(String) }]);
  });

  it('with a form that was opened before is told the same, and by somebody else what holds', async () => {
    const pages = await opened();
    const berta = await pages.link('Berta');
    const [mine, hers] = [await pages.nonce(), await pages.nonce(berta)];
    await pages.send(approve);
    const again = await pages.post({ nonce: mine, environment: 'production', ...approve });
    expect([again.status, readable(again.text)]).toEqual([200, expect.stringContaining('As you said before.')]);
    const other = await pages.post({ nonce: hers, environment: 'production', ...reject }, berta);
    expect([other.status, readable(other.text)]).toEqual([
      409,
      expect.stringContaining('This is decided already: approved by Ada.'),
    ]);
    expect(sent()).toHaveLength(1);
  });

  it('on what is decided but not told tells the run, and decides nothing', async () => {
    const pages = await opened({
      request: { outcome: { decision: 'approved', at: at('09:10:00').toISOString() } },
    });
    expect(readable((await pages.get()).text)).toContain('Tell the run again');
    const later = await pages.nonce();
    const { status, text } = await pages.send({ decision: 'tell' });
    expect([status, readable(text)]).toEqual([200, expect.stringContaining('The run has been told')]);
    expect(readable(text)).toContain('The run was told 5 January 2026, 09:30 UTC.');
    expect(sent()).toHaveLength(1);
    const again = await pages.post({ nonce: later, decision: 'tell' });
    expect(readable(again.text)).toContain('The run has heard of it before.');
    expect(sent()).toHaveLength(1);
  });

  it('cannot tell a run what is not decided', async () => {
    const pages = await opened();
    await pages.send({ decision: 'tell' });
    await untouched(pages);
  });
});

describe('somebody who can not', () => {
  it.each([
    [
      'wrote a commit',
      'Ada',
      { barred: [{ person: 'Ada', because: 'wrote one of its commits' }] },
      'somebody else has to',
    ],
    ['is not asked', 'Dora', {}, 'Dora is not among those'],
    ['has but a link', 'Ada', { policy: policy({ mailLinkIsEnough: false }) }, 'does not prove who opens it'],
  ])('approve, because he %s, does not by a form either', async (_, person, request, text) => {
    const pages = await opened({ request });
    const path = await pages.link(person);
    expect((await pages.get(path)).text).not.toContain('value="approved"');
    const answer = await pages.send(approve, path);
    expect([answer.status, readable(answer.text)]).toEqual([403, expect.stringContaining(text)]);
    await untouched(pages);
    expect((await pages.send(reject, path)).status).toBe(200);
  });

  it('be found in the policy any more only reads', async () => {
    const pages = await opened();
    const { text } = await pages.get(await pages.link('Eve'));
    expect(readable(text)).toContain('The policy names you no more');
    expect(text).not.toContain('<form');
  });

  it('has a link that is nobody’s only reads', async () => {
    const pages = await opened();
    const path = await pages.link(null);
    expect((await pages.get(path)).text).toContain('Reading along');
    expect((await pages.get(path)).text).not.toContain('<form');
    const nonce = await pages.nonce();
    expect((await pages.post({ nonce, environment: 'production', ...approve }, path)).status).toBe(403);
    await untouched(pages);
  });
});

describe('too late', () => {
  it('is the minute it expires, for reading and for deciding', async () => {
    const pages = await opened();
    const nonce = await pages.nonce();
    pages.clock.now = at('10:00:00');
    const seen = await pages.get();
    expect([seen.status, readable(seen.text)]).toEqual([410, expect.stringContaining('nobody decided before')]);
    expect(seen.text).not.toContain('<form');
    const { status, text } = await pages.post({ nonce, environment: 'production', ...approve });
    expect([status, readable(text)]).toEqual([410, expect.stringContaining('Nobody decided before')]);
    await untouched(pages);
  });

  it.each(['TaskTimedOut', 'TaskDoesNotExist'])('is when the run was stopped (%s)', async (name) => {
    const pages = await opened();
    sfn.on(SendTaskHeartbeatCommand).rejects(closed(name));
    const { status, text } = await pages.send(approve);
    expect([status, readable(text)]).toEqual([410, expect.stringContaining('Nobody waits for this')]);
    await untouched(pages);
  });

  it('is when another plan stands in the place of the one that was asked for', async () => {
    const pages = await opened();
    const nonce = await pages.nonce();
    const key = 'runs/run-1/plan.json';
    pages.bucket.files[key] = pages.bucket.files[key]!.replace('002_drop_carts.sql', '002_harmless.sql');
    const shown = await pages.get();
    expect([shown.status, shown.text]).toEqual([409, expect.stringContaining('Not the same plan')]);
    expect(shown.text).not.toContain('002_harmless.sql');
    expect((await pages.post({ nonce, environment: 'production', ...approve })).status).toBe(409);
    await untouched(pages);
  });
});

type Pages = Awaited<ReturnType<typeof opened>>;

/** Expires with the request at ten, so that one of an hour ago is of before it was made. */
async function oldNonce({ clock, nonce }: Pages): Promise<string> {
  clock.now = at('08:29:00');
  const old = await nonce();
  clock.now = at('09:30:00');
  return old;
}
