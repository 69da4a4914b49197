import type { Evidence } from '../../lib/database/doubt.ts';
import type { HistoryEntry } from '../../lib/database/history.ts';

/** An applied migration. */
export const entry = (of: Partial<HistoryEntry>): HistoryEntry => ({
  ...{ migration: '0001', position: 1, ordinal: 1, name: 'create', checksum: 'c'.repeat(64), mode: 'transactional' },
  ...{ state: 'applied', step: 1, prefix: null, timings: [1], milliseconds: 1, failure: null, run: 'run-4' },
  ...{ appliedBy: 'clerk', startedAt: '2026-11-21T07:45:00Z', finishedAt: '2026-11-21T07:45:01Z', version: 'v' },
  ...of,
});

/** 0007, whose second statement of three nobody knows about. */
export const doubtful = (of: Partial<Evidence> = {}): HistoryEntry => {
  const evidence: Evidence = {
    sent: {
      ...{ mark: 'lockstep 0 0007#2 8d1f', statement: 2, text: 'CALL send_mails(2)', direction: 'up' },
      ...{ prefix: null, steps: 3, run: 'run-4', at: '2026-11-21T07:45:10Z', deadline: '2026-11-21T08:00:15Z' },
      serverStarted: '2026-11-01T00:00:00Z',
    },
    ...{ lookedAt: '2026-11-21T08:01:00Z', serverStarted: '2026-11-01T00:00:00Z', before: null, now: null },
    ...of,
  };
  return entry({
    ...{ migration: '0007', name: 'send_mails', position: 2, ordinal: 2, mode: 'stepwise', state: 'in doubt' },
    ...{ step: 1, failure: { statement: 2, sqlstate: '', message: 'statement 2 is in doubt: …', evidence } },
  });
};
