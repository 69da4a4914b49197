import { expect, it } from 'vitest';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import { fleetView, historyView } from '../../lib/cli/history-view.ts';
import { painter } from '../../lib/cli/output.ts';
import { verdictLine } from '../../lib/cli/progress-words.ts';
import { runTable } from '../../lib/cli/run-table.ts';
import { statusMarkdown, statusView } from '../../lib/cli/status-view.ts';
import { told, toldLines } from '../../lib/cli/told.ts';
import { statusOf } from '../../lib/fleet/status.ts';
import type { Verdict } from '../../lib/ledger/runs.ts';
import { bundleOf } from '../fleet/samples.ts';
import { evil, expectHarmless } from './evil.ts';
import { entry } from './in-doubt-entry.ts';

it('leaves what is harmless as it is', () => {
  const text = 'a::text\n  b: c ## d';
  expect(toldLines(text)).toBe(text);
  expect(told(text)).toBe('a::text b: c ## d');
});

it.each(['running', 'in doubt', 'failed'] as const)('what is told of a database that is %s', (verdict) => {
  const failure = verdict === 'running' ? null : { error: 'E', message: evil.replaceAll('\n', ' ') };
  const of = { cluster: 'c', database: `\u001b${evil}`, verdict, applied: [], reverted: [], milliseconds: 1 };
  expectHarmless(verdictLine({ ...of, failure, note: evil } as unknown as Verdict, painter(false)));
});

const database = (message: string) => ({
  ...{ cluster: 'c', database: 'd', verdict: 'failed' as const, applied: [], reverted: [], pending: ['001'] },
  failed: { migration: '001', file: message, statement: 1, line: 2, sqlstate: '42703', message },
  ...{ remedy: message, snapshot: message, fingerprint: message, milliseconds: 1, dataApiCalls: 1 },
});

it.each([true, false])('how a run ended: in databases, %s', (inDatabases) => {
  const result: EnvironmentResult = {
    ...{
      environment: 'production',
      status: 'FAILED',
      run: 'r',
      execution: 'e',
      revert: null,
      revertedBy: null,
      planDigest: null,
    },
    ...{ failure: { error: 'E', cause: evil }, approvals: [], holds: [], differences: null, drift: [evil] },
    unfit: [{ cluster: evil, problems: [evil] }],
    ...{ databases: inDatabases ? [database(evil)] : [], stateTransitions: null, dataApiCalls: 2, seconds: 1 },
  };
  expectHarmless(runTable([result], bundleOf('001'), false));
});

it('what a database remembers', () => {
  const failure = { statement: 1, sqlstate: '42703', message: evil, evidence: null };
  const resolution = {
    ...{ migration: '0007', verdict: 'applied' as const, statement: 2, reason: evil, requestedBy: evil },
    ...{ role: evil, resolvedAt: '2026-11-21T09:00:00Z', before: null, after: null },
  };
  const history = [entry({ state: 'failed', name: evil, failure })];
  const where = { environment: 'production', cluster: 'c', database: evil };
  expectHarmless(historyView({ ...where, history, resolutions: [resolution], approvals: [], runs: [] }, false));
  const databases = [{ cluster: 'c', database: 'd', problem: evil }];
  expectHarmless(
    fleetView({ environment: 'production', databases, arriving: [], parked: null, approvals: [], runs: [] }, false),
  );
});

const status = (environment: string) => {
  const readings = [
    { environment, databases: [{ cluster: 'c', database: evil, problem: evil }] },
    { environment: 'production', databases: [] },
  ];
  return { service: 'shop', at: '2026-11-21T06:43:21Z', readings, ...statusOf(readings, []) };
};

it('where environments stand', () => {
  expectHarmless(statusView(status(evil), false));
  expectHarmless(statusMarkdown(status(evil)));
});

it('no name becomes markup in the heads of tables', () => {
  const file = [{ id: '001', name: 'first', checksum: 's' }];
  const text = statusMarkdown({ ...status('a'), ...statusOf([{ environment: '<b>|x', databases: [] }], file) });
  expect(text).not.toMatch(/[^\\](<b|\|x)/);
});
