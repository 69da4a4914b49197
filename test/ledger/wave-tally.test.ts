import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { acquireLease, releaseLease } from '../../lib/ledger/lease.ts';
import { recordVerdict } from '../../lib/ledger/runs.ts';
import { failedIn, startable } from '../../lib/ledger/wave-tally.ts';
import { run, verdict } from '../fleet/samples.ts';
import { ledgers } from './harness.ts';

const { table } = ledgers();
const failure = { ...{ migration: null, file: null, statement: null, line: null }, sqlstate: '', message: 'no' };
const failed = (cluster: string, more = {}) => verdict(cluster, 'orders', { verdict: 'failed', failure, ...more });
const order = { wave: 1, budget: 1, pardoned: 0, again: false };

describe("a wave's failures", () => {
  it('count once for each database, however often and in whatever order they are said', async () => {
    const ledger = await table();
    for (const cluster of ['a', 'b', 'a']) await recordVerdict(ledger, 'run-1', failed(cluster), 1);
    await recordVerdict(ledger, 'run-1', failed('b', { verdict: 'in doubt' }), 1);
    await recordVerdict(ledger, 'run-1', verdict('c', 'orders'), 1);
    expect([await failedIn(ledger, 'run-1', 1), await failedIn(ledger, 'run-1', 2)]).toEqual([2, 0]);
  });

  it('all count, though many are said at the same moment', async () => {
    const ledger = await table();
    const all = Array.from({ length: 30 }, (_, at) => recordVerdict(ledger, 'run-1', failed(`c${at}`), 1));
    await Promise.all(all);
    expect(await failedIn(ledger, 'run-1', 1)).toBe(30);
  });

  it('are said again where DynamoDB has them collide, and no other trouble is hidden', async () => {
    const ledger = await table();
    const troubled = (times: number, Code: string) => {
      let left = times;
      const send = (command: unknown) => {
        if (!(command instanceof TransactWriteCommand) || left === 0) return ledger.client.send(command as never);
        left -= 1;
        const name = 'TransactionCanceledException';
        throw Object.assign(new Error('cancelled'), { name, CancellationReasons: [{ Code: 'None' }, { Code }] });
      };
      return { ...ledger, client: { send } as typeof ledger.client };
    };
    await recordVerdict(troubled(2, 'TransactionConflict'), 'run-1', failed('a'), 1);
    expect(await failedIn(ledger, 'run-1', 1)).toBe(1);
    await expect(recordVerdict(troubled(1, 'ValidationError'), 'run-1', failed('b'), 1)).rejects.toThrow('cancelled');
  });
});

describe('work on a database', () => {
  it('may be started until more have failed than may, not counting what a person has let pass', async () => {
    const ledger = await table();
    const may = async (more = {}) => (await startable(ledger, run(), { ...order, ...more }, { cluster: 'z' })).start;
    await recordVerdict(ledger, 'run-1', failed('a'), 1);
    expect(await may()).toBe(true);
    await recordVerdict(ledger, 'run-1', failed('b'), 1);
    expect([await may(), await may({ pardoned: 1 }), await may({ wave: 2 })]).toEqual([false, true, true]);
  });

  it('is started a second time only where it was not begun in the first', async () => {
    const ledger = await table();
    await recordVerdict(ledger, 'run-1', verdict('a', 'orders'), 1);
    await recordVerdict(ledger, 'run-1', verdict('b', 'orders', { verdict: 'running' }), 1);
    const may = async (cluster: string, again: boolean) =>
      (await startable(ledger, run(), { ...order, again }, { cluster, database: 'orders' })).start;
    expect([await may('a', true), await may('b', true), await may('c', true)]).toEqual([false, true, true]);
  });

  it('is not started for a run that lost the lease to another, though that gave it back; nobody else counts', async () => {
    const ledger = await table();
    const { token } = await acquireLease(ledger, run().execution, new Date(), async () => true);
    const may = async () => (await startable(ledger, run({ token }), order, { cluster: 'z' })).start;
    expect(await may()).toBe(true);
    await releaseLease(ledger, run().execution);
    expect(await may()).toBe(true);
    await acquireLease(ledger, 'another', new Date(), async () => true);
    expect(await may()).toBe(false);
    await releaseLease(ledger, 'another');
    expect(await may()).toBe(false);
  });
});
