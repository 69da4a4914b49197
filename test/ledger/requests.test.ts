import { expect, it } from 'vitest';
import { cast } from '../../lib/approval/cast.ts';
import {
  announce,
  announcement,
  changeRequest,
  firstSeen,
  getLink,
  getRequest,
  newestRequests,
  openRequest,
  putLink,
} from '../../lib/ledger/requests.ts';
import { asked, at, byMail } from '../approval/request.ts';
import { itemsOf, ledgers } from './harness.ts';

const { table } = ledgers();

it('has one request per run, the first', async () => {
  const ledger = await table();
  await openRequest(ledger, asked());
  expect(await openRequest(ledger, asked({ planDigest: 'q'.repeat(64) }))).toEqual(asked());
  expect([await getRequest(ledger, 'run-1'), await getRequest(ledger, 'run-2')]).toEqual([asked(), undefined]);
});

it('loses no vote of a hundred that come at once, and lets only the first three decide', async () => {
  const ledger = await table();
  const people = Array.from({ length: 20 }, (_, i) => ({ name: `p${i}` }));
  const { policy } = asked();
  await openRequest(
    ledger,
    asked({ policy: { ...policy, people }, approvers: people.map(({ name }) => name), quorum: 3 }),
  );
  const clicks = Array.from({ length: 100 }, (_, i) =>
    changeRequest(ledger, 'run-1', (request) => {
      const it = cast(
        request,
        { decision: 'approved', identity: byMail(`p${i % 20}`), reason: '', planDigest: request.planDigest },
        at('09:30:00'),
      );
      return 'request' in it ? it.request : null;
    }),
  );
  await Promise.all(clicks);
  const decided = await getRequest(ledger, 'run-1');
  expect([decided?.outcome?.decision, decided?.votes.length, decided?.version]).toEqual(['approved', 3, 4]);
});

it('lists the newest requests first, each once', async () => {
  const ledger = await table();
  for (const [run, hour] of [
    ['a', '08'],
    ['b', '09'],
    ['c', '10'],
    ['b', '11'],
  ])
    await openRequest(ledger, asked({ run: run!, createdAt: `2026-01-05T${hour}:00:00.000Z` }));
  expect((await newestRequests(ledger, 3)).map(({ run }) => run)).toEqual(['b', 'c']);
});

it('changes nothing where there is no request', async () => {
  expect(await changeRequest(await table(), 'run-1', () => asked())).toBeUndefined();
});

it('keeps of a link only its hash', async () => {
  const ledger = await table();
  const link = { run: 'run-1', person: 'Ada', createdAt: asked().createdAt };
  const id = await putLink(ledger, link);
  expect(id).toMatch(/^[\w-]{22}$/);
  expect(await getLink(ledger, id)).toMatchObject(link);
  expect(JSON.stringify(await itemsOf(ledger))).not.toContain(id);
  expect([await getLink(ledger, `${id.slice(0, -1)}!`), await getLink(ledger, 'A'.repeat(22))]).toEqual([
    undefined,
    undefined,
  ]);
});

it('sees a thing for the first time once, of many at once', async () => {
  const ledger = await table();
  const seen = await Promise.all(Array.from({ length: 20 }, () => firstSeen(ledger, 'a signature', 1)));
  expect(seen.filter(Boolean).length).toBe(1);
});

it('keeps to the first announcement of a run', async () => {
  const ledger = await table();
  const first = { arn: 'arn:1', digest: 'd', authors: [], at: 'now' };
  expect(await announce(ledger, 'run-1', first)).toEqual(first);
  expect(await announce(ledger, 'run-1', { ...first, arn: 'arn:2' })).toMatchObject(first);
  expect([await announcement(ledger, 'run-1'), await announcement(ledger, 'run-2')]).toMatchObject([first, undefined]);
});
