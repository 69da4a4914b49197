import { expect, it } from 'vitest';
import { isNonceOf, nonceFor } from '../../lib/approval/nonce.ts';
import { asked, at } from './request.ts';

const opened = at('09:00:00');
const later = at('09:10:00');

it('is taken back from the link and for the plan that it was made for', () => {
  const nonce = nonceFor(asked(), 'link', opened);
  expect(isNonceOf(asked(), 'link', nonce, later)).toBe(true);
  expect(isNonceOf(asked(), 'other', nonce, later)).toBe(false);
  expect(isNonceOf(asked({ planDigest: 'q'.repeat(64) }), 'link', nonce, later)).toBe(false);
  expect(isNonceOf(asked({ formKey: 'x'.repeat(43) }), 'link', nonce, later)).toBe(false);
});

it('is another one each time', () => {
  expect(new Set(Array.from({ length: 100 }, () => nonceFor(asked(), 'link', opened))).size).toBe(100);
});

it('is worth nothing after an hour, nor before it was made by more than clocks differ', () => {
  const nonce = nonceFor(asked(), 'link', opened);
  expect(isNonceOf(asked(), 'link', nonce, at('10:00:00'))).toBe(true);
  expect(isNonceOf(asked(), 'link', nonce, at('10:00:00.001'))).toBe(false);
  expect(isNonceOf(asked(), 'link', nonce, at('08:59:00'))).toBe(true);
  expect(isNonceOf(asked(), 'link', nonce, at('08:58:59'))).toBe(false);
});

it('is refused with any character changed, taken away or added', () => {
  const nonce = nonceFor(asked(), 'link', opened);
  for (let i = 0; i < nonce.length; i += 1) {
    const other = nonce[i] === 'A' ? 'B' : 'A';
    const changed = [
      nonce.slice(0, i) + other + nonce.slice(i + 1),
      nonce.slice(0, i) + nonce.slice(i + 1),
      `${nonce.slice(0, i)}A${nonce.slice(i)}`,
    ];
    expect(changed.filter((it) => isNonceOf(asked(), 'link', it, later))).toEqual([]);
  }
});
