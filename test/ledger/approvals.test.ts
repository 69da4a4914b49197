import { assert, property, string } from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Approval,
  approvalId,
  approvalsOf,
  type Decision,
  decide,
  getApproval,
  isNonceOf,
  nonceOf,
  putApproval,
} from '../../lib/ledger/approvals.ts';
import { itemsOf, ledgers } from './harness.ts';

const { table } = ledgers();

const asked = (more: Partial<Approval> = {}): Approval => ({
  run: 'run-1',
  planDigest: 'p'.repeat(64),
  taskToken: 'AQCEAAAAKgAAAAMAAAAAAAAAAc-task-token-of-run-1',
  requestedBy: 'anna',
  createdAt: '2026-01-05T09:00:00.000Z',
  expiresAt: '2026-01-05T10:00:00.000Z',
  ...more,
});

const decision = (more: Partial<Decision> = {}): Decision => ({
  decision: 'approved',
  by: 'berta',
  reason: '',
  at: '2026-01-05T09:30:00.000Z',
  ...more,
});

it('keeps a request under an id that follows from the task token', async () => {
  const ledger = await table();
  const { id } = await putApproval(ledger, asked());
  expect(id).toBe(approvalId(asked().taskToken));
  expect(await getApproval(ledger, id)).toMatchObject(asked());
  expect(await getApproval(ledger, approvalId('another token'))).toBeUndefined();
});

it('makes ids of 22 characters that need no escaping in a link, another for every token', () => {
  const seen = new Map<string, string>();
  assert(
    property(string(), (token) => {
      const id = approvalId(token);
      expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(seen.get(id) ?? token).toBe(token);
      seen.set(id, token);
    }),
  );
});

it('is one request however often it is put', async () => {
  const ledger = await table();
  const { id } = await putApproval(ledger, asked());
  await decide(ledger, id, decision());
  // Asked again by a step that was tried twice: later, but for the same token.
  expect(await putApproval(ledger, asked({ createdAt: '2026-01-05T09:40:00.000Z' }))).toEqual({ id });
  expect(await approvalsOf(ledger, 'run-1')).toEqual([expect.objectContaining({ ...asked(), decision: decision() })]);
});

it('writes the id of the link down nowhere', async () => {
  const ledger = await table();
  const { id } = await putApproval(ledger, asked());
  await decide(ledger, id, decision());
  const stored = JSON.stringify(await itemsOf(ledger));
  expect(stored).toContain('run-1');
  expect(stored).not.toContain(id);
});

it('finds the requests of a run, oldest first', async () => {
  const ledger = await table();
  const at = (hour: string) => ({ createdAt: `2026-01-05T${hour}:00:00.000Z`, taskToken: `token ${hour}` });
  for (const hour of ['11', '09', '10']) await putApproval(ledger, asked(at(hour)));
  await putApproval(ledger, asked({ run: 'run-2', taskToken: 'another' }));
  expect((await approvalsOf(ledger, 'run-1')).map(({ taskToken }) => taskToken)).toEqual([
    'token 09',
    'token 10',
    'token 11',
  ]);
  expect(await approvalsOf(ledger, 'run-3')).toEqual([]);
});

it('lets the first of 50 decisions at once hold, and tells all of it', async () => {
  const ledger = await table();
  const { id } = await putApproval(ledger, asked());
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      decide(ledger, id, decision({ by: `person ${n}`, decision: n % 2 ? 'approved' : 'rejected', reason: 'so' })),
    ),
  );
  const held = (await getApproval(ledger, id))?.decision;
  expect(held).toBeDefined();
  expect(answers).toEqual(Array(50).fill(held));
});

it('keeps the first decision, whoever comes later', async () => {
  const ledger = await table();
  const { id } = await putApproval(ledger, asked());
  await decide(ledger, id, decision({ decision: 'rejected', reason: 'not today' }));
  const later = await decide(ledger, id, decision({ by: 'carl', at: '2026-01-05T11:00:00.000Z' }));
  expect(later).toEqual(decision({ decision: 'rejected', reason: 'not today' }));
});

it.each(['2026-01-05T10:00:00.000Z', '2026-01-05T10:00:00.001Z'])(
  'takes no decision at %s, when time is up',
  async (at) => {
    const ledger = await table();
    const { id } = await putApproval(ledger, asked());
    await expect(decide(ledger, id, decision({ at }))).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
    expect((await getApproval(ledger, id))?.decision).toBeUndefined();
  },
);

it('takes a decision at the last moment', async () => {
  const ledger = await table();
  const { id } = await putApproval(ledger, asked());
  const last = decision({ at: '2026-01-05T09:59:59.999Z' });
  expect(await decide(ledger, id, last)).toEqual(last);
});

it('takes no decision on a request that nobody made', async () => {
  const ledger = await table();
  await expect(decide(ledger, approvalId('x'), decision())).rejects.toThrow();
  expect(await itemsOf(ledger)).toEqual([]);
});

it('knows the nonce of this plan and this request only', () => {
  const nonce = nonceOf(asked());
  expect(isNonceOf(asked(), nonce)).toBe(true);
  expect(isNonceOf(asked({ planDigest: 'q'.repeat(64) }), nonce)).toBe(false);
  expect(isNonceOf(asked({ taskToken: 'another' }), nonce)).toBe(false);
  for (const other of ['', nonce.slice(1), `${nonce} `, nonce.toLowerCase(), approvalId(asked().taskToken)])
    expect(isNonceOf(asked(), other)).toBe(false);
});
