import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { acquireLease, LeaseHeld, releaseLease } from '../../lib/ledger/lease.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { itemsOf, ledgers } from './harness.ts';

const { table } = ledgers();
const now = new Date('2026-01-05T09:00:00.000Z');
/** The time, so that a ledger made anew goes on above one that was lost. */
const first = now.getTime();

const running = async () => true;
const ended = async () => false;
const mustNotAsk = async () => {
  throw new Error('nobody is to be asked');
};

const acquire = (ledger: Table, owner: string, isRunning: (execution: string) => Promise<boolean> = mustNotAsk) =>
  acquireLease(ledger, owner, now, isRunning);

it('gives the first run the first token', async () => {
  const ledger = await table();
  expect(await acquire(ledger, 'one')).toEqual({ token: first });
  expect(await itemsOf(ledger)).toEqual([
    { pk: 'LEASE', sk: 'LEASE', owner: 'one', since: '2026-01-05T09:00:00.000Z', token: first },
  ]);
});

it('gives the same run the same token again', async () => {
  const ledger = await table();
  await acquire(ledger, 'one');
  expect(await acquire(ledger, 'one')).toEqual({ token: first });
});

it('refuses while its owner is running, and names it', async () => {
  const ledger = await table();
  await acquire(ledger, 'one');
  const asked: string[] = [];
  const refused = acquire(ledger, 'two', async (execution) => asked.push(execution) > 0);
  await expect(refused).rejects.toThrow(LeaseHeld);
  await expect(refused).rejects.toMatchObject({
    details: { owner: 'one', since: '2026-01-05T09:00:00.000Z' },
    message:
      'one has been at work in this environment since 2026-01-05T09:00:00.000Z. Wait until it has ended, or stop it.',
  });
  expect(asked).toEqual(['one']);
  expect(await acquire(ledger, 'one')).toEqual({ token: first });
});

it('takes it over from an owner that is not running any more, with a higher token', async () => {
  const ledger = await table();
  await acquire(ledger, 'one');
  expect(await acquire(ledger, 'two', ended)).toEqual({ token: first + 1 });
  await expect(acquire(ledger, 'one', running)).rejects.toThrow(LeaseHeld);
});

it('keeps it where nobody knows whether its owner is running', async () => {
  const ledger = await table();
  await acquire(ledger, 'one');
  const unknown = acquire(ledger, 'two', async () => {
    throw new Error('Step Functions is not to be reached');
  });
  await expect(unknown).rejects.toThrow('Step Functions is not to be reached');
  expect(await itemsOf(ledger)).toMatchObject([{ owner: 'one', token: first }]);
});

it('is given back by its owner only', async () => {
  const ledger = await table();
  await acquire(ledger, 'one');
  expect(await releaseLease(ledger, 'two')).toBe(false);
  await expect(acquire(ledger, 'two', running)).rejects.toThrow(LeaseHeld);
  expect(await releaseLease(ledger, 'one')).toBe(true);
  expect(await acquire(ledger, 'two')).toEqual({ token: first + 1 });
});

it('can be given back twice, and where there was none', async () => {
  const ledger = await table();
  await releaseLease(ledger, 'one');
  expect(await itemsOf(ledger)).toEqual([]);
  await acquire(ledger, 'one');
  await releaseLease(ledger, 'one');
  await releaseLease(ledger, 'one');
  expect(await itemsOf(ledger)).toEqual([{ pk: 'LEASE', sk: 'LEASE', token: first }]);
});

it('gives a higher token each time, even to the same run', async () => {
  const ledger = await table();
  const tokens: number[] = [];
  for (const owner of ['one', 'two', 'one', 'one']) {
    tokens.push((await acquire(ledger, owner)).token);
    await releaseLease(ledger, owner);
  }
  expect(tokens).toEqual([first, first + 1, first + 2, first + 3]);
});

it('lets one of 30 at once in, and tells the others who it was', async () => {
  const ledger = await table();
  const all = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => acquire(ledger, `run ${n}`, running)));
  const [winner, ...more] = all.flatMap((it, n) =>
    it.status === 'fulfilled' ? [{ owner: `run ${n}`, ...it.value }] : [],
  );
  expect([winner?.token, more]).toEqual([first, []]);
  const refused = all.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []));
  expect(refused).toHaveLength(29);
  for (const reason of refused) expect(reason).toMatchObject({ name: 'LeaseHeld', details: { owner: winner?.owner } });
});

it('is taken over by one of 30 at once', async () => {
  const ledger = await table();
  await acquire(ledger, 'gone');
  const isRunning = async (execution: string) => execution !== 'gone';
  const all = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => acquire(ledger, `run ${n}`, isRunning)));
  expect(all.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []))).toEqual([{ token: first + 1 }]);
  const names = all.flatMap((it) => (it.status === 'rejected' ? [it.reason.name] : []));
  expect(names).toEqual(Array(29).fill('LeaseHeld'));
});

it('gives the same token when the answer to the first try was lost', async () => {
  const ledger = await table();
  const lost = acquire(losing(ledger), 'one');
  await expect(lost).rejects.toThrow('socket hang up');
  expect(await acquire(ledger, 'one')).toEqual({ token: first });
});

it('gives the same token when the SDK sent the update twice', async () => {
  const ledger = await table();
  const client = {
    send: (async (command: never) => {
      if ((command as unknown) instanceof UpdateCommand) await ledger.client.send(command);
      return ledger.client.send(command);
    }) as Table['client']['send'],
  };
  expect(await acquire({ ...ledger, client }, 'one')).toEqual({ token: first });
});

/** The ledger behind a connection that breaks once, after an update has gone through. */
const losing = (ledger: Table): Table => {
  let broken = false;
  const send = async (command: never) => {
    const answer = await ledger.client.send(command);
    if (broken || !((command as unknown) instanceof UpdateCommand)) return answer;
    broken = true;
    throw new Error('socket hang up');
  };
  return { ...ledger, client: { send: send as Table['client']['send'] } };
};
