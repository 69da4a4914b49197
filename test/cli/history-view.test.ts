import { expect, it } from 'vitest';
import { historyView } from '../../lib/cli/history-view.ts';
import type { RunApproval } from '../../lib/cli/run-approvals.ts';
import type { RunEnd } from '../../lib/cli/run-ends.ts';
import type { HistoryEntry, Resolution } from '../../lib/database/history.ts';
import { doubtful, entry } from './in-doubt-entry.ts';

const where = { environment: 'production', cluster: 'orders-1', database: 'acme' };

const view = (
  history: HistoryEntry[],
  resolutions: Resolution[] = [],
  approvals: RunApproval[] | null = [],
  runs: RunEnd[] | null = [],
) => historyView({ ...where, history, resolutions, approvals, runs }, false);

it('shows a migration in doubt with its evidence and what to do', () => {
  const text = view([entry({ migration: '0001' }), doubtful()]);
  expect(text).toMatch(/^0007 +send_mails +in doubt /m);
  expect(text).toContain('    statement   2 of 3\n');
  expect(text).toContain('    text        CALL send_mails(2)\n');
  expect(text).toContain(
    'run-4, after 2026-11-21 07:45:10Z and before 2026-11-21 08:00:15Z; no answer was written down',
  );
  expect(text).toContain('    its mark    lockstep 0 0007#2 8d1f\n');
  expect(text).toContain('gone when looked for at 2026-11-21 08:01:00Z');
  expect(text).toContain('up since 2026-11-01 00:00:00Z, before it was sent');
  expect(text).toContain('stepwise: 1 statement done');
  expect(text).toMatch(/lockstep resolve production orders-1\/acme 0007 --reason … with --as applied if the statement/);
});

it('tells that the server was started anew between sending and looking', () => {
  const text = view([doubtful({ serverStarted: '2026-11-21T07:50:00Z' })]);
  expect(text).toContain('started anew in between, at 2026-11-21 07:50:00Z (before: 2026-11-01 00:00:00Z)');
});

it('says nothing of doubt where there is none', () => {
  expect(view([entry({ migration: '0001' })])).not.toMatch(/doubt|resolve/);
});

it('tells of which statement a person has decided', () => {
  const decided: Resolution = {
    ...{ migration: '0007', verdict: 'applied', statement: 2, reason: 'mails are there', requestedBy: 'ada' },
    ...{ role: 'clerk', resolvedAt: '2026-11-21T09:00:00Z', before: null, after: null },
  };
  expect(view([entry({ migration: '0007' })], [decided])).toContain(
    '2026-11-21 09:00:00Z  statement 2 of 0007 marked as applied by ada (role clerk)\n  mails are there',
  );
});

it('tells who approved the runs, by which proof, and what was withdrawn or broken', () => {
  const vote = {
    ...{ decision: 'approved' as const, by: 'Ada', reason: 'read it', at: '2026-11-21T06:43:21.123Z' },
    ...{ channel: 'mail' as const, assurance: 'low' as const, identity: 'mail ada@example.com' },
  };
  const starter = 'arn:aws:iam::000000000000:user/carl';
  const votes = [
    { ...vote, withdrawnAt: '2026-11-21T06:50:00.000Z' },
    { ...vote, by: 'Berta', breakGlass: true as const },
  ];
  const text = view(
    [entry({ migration: '0001' })],
    [],
    [{ run: 'run-1', hold: null, outcome: 'approved by Berta', starter, votes }],
  );
  expect(text).toContain(`APPROVALS\nrun-1  approved by Berta; started by ${starter}\n`);
  expect(text).toContain(
    '  2026-11-21 06:43:21Z  Ada approved by mail (low assurance, mail ada@example.com), withdrawn 2026-11-21 06:50:00Z: read it\n',
  );
  expect(text).toMatch(/Berta approved by mail .*, BREAKING THE GLASS: read it/);
});

it('tells when and why a run was held, and what came of it', () => {
  const hold = { number: 1, wave: 2, reason: '2 databases failed', heldAt: '2026-11-21T06:43:21.123Z' };
  const held = { run: 'run-1#1', hold, outcome: 'resumed by Ada: known', starter: null, votes: [] };
  expect(view([entry({ migration: '0001' })], [], [held])).toContain(
    'run-1#1  2026-11-21 06:43:21Z  held after wave 2: 2 databases failed; resumed by Ada: known; started by',
  );
});

it('says that it may not read who approved', () => {
  expect(view([entry({ migration: '0001' })], [], null)).toContain('These credentials may not read the ledger');
});

it('tells which of the runs did not succeed, and since when one is at work', () => {
  const ended = (run: string, status: RunEnd['status'], endedAt: string | null = '2026-11-21T09:00:00.123Z') => ({
    ...{ run, status, startedAt: '2026-11-21T08:00:00.000Z', endedAt },
  });
  const runs = [
    ended('run-1', 'SUCCEEDED'),
    ended('run-2', 'ABORTED'),
    ended('run-3', 'FAILED'),
    ended('run-4', 'RUNNING', null),
  ];
  expect(view([entry({ migration: '0001' })], [], [], runs)).toContain(
    [
      'RUNS',
      'run-2  stopped 2026-11-21 09:00:00Z',
      'run-3  failed 2026-11-21 09:00:00Z',
      'run-4  at work since 2026-11-21 08:00:00Z\n',
    ].join('\n'),
  );
  expect(view([entry({ migration: '0001' })], [], [], runs.slice(0, 1))).not.toContain('RUNS');
});
