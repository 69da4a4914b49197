import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedBySlack } from '../../../lib/approval/slack/signature.ts';

/** The example of Slack's own page. https://docs.slack.dev/authentication/verifying-requests-from-slack */
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const TIMESTAMP = 1_531_420_618;
const body = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
);
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const signed = { body, timestamp: String(TIMESTAMP), signature };
const seconds = (count: number) => new Date((TIMESTAMP + count) * 1000);

describe('a request from Slack', () => {
  it("is known by Slack's own example", () => {
    expect(isSignedBySlack(signed, SECRET, seconds(0))).toBe(true);
  });

  it('is taken for five minutes, and as little from the future', () => {
    expect([-301, -300, 300, 301].map((it) => isSignedBySlack(signed, SECRET, seconds(it)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('is refused with any bit of the body, the signature or the secret changed', () => {
    const flipped = Array.from({ length: body.length * 8 }, (_, bit) => {
      const changed = Buffer.from(body);
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
      return { ...signed, body: changed };
    });
    expect(flipped.filter((it) => isSignedBySlack(it, SECRET, seconds(0)))).toEqual([]);
    const signatures = Array.from(
      signature,
      (character, at) => signature.slice(0, at) + (character === '0' ? '1' : '0') + signature.slice(at + 1),
    );
    expect(
      signatures.filter((it) => it !== signature && isSignedBySlack({ ...signed, signature: it }, SECRET, seconds(0))),
    ).toEqual([]);
    expect(isSignedBySlack(signed, `${SECRET}x`, seconds(0))).toBe(false);
  });

  it('is refused with another timestamp, though it lies within five minutes', () => {
    expect(isSignedBySlack({ ...signed, timestamp: String(TIMESTAMP + 1) }, SECRET, seconds(0))).toBe(false);
  });

  it('is refused when a part is missing or has another form', () => {
    const broken = [
      { ...signed, signature: undefined },
      { ...signed, timestamp: undefined },
      { ...signed, signature: '' },
      { ...signed, signature: signature.slice(3) },
      { ...signed, signature: signature.toUpperCase() },
      { ...signed, signature: `${signature}, ${signature}` },
      { ...signed, signature: signature.slice(0, -1) },
      { ...signed, timestamp: 'NaN' },
      { ...signed, timestamp: `${TIMESTAMP}.0` },
      { ...signed, timestamp: `+${TIMESTAMP}` },
      { ...signed, body: Buffer.from('') },
      { ...signed, body: Buffer.concat([body, Buffer.from(' ')]) },
      { ...signed, body: body.subarray(1) },
    ];
    expect(broken.filter((it) => isSignedBySlack(it, SECRET, seconds(0)))).toEqual([]);
  });

  it('is refused where no secret is known, even if it is signed with none', () => {
    const mark = createHmac('sha256', '').update(`v0:${TIMESTAMP}:`).update(body).digest('hex');
    expect(isSignedBySlack({ ...signed, signature: `v0=${mark}` }, '', seconds(0))).toBe(false);
  });
});
