import { expect, it, test } from 'vitest';
import { attestationOf, restoredAway, takenBack } from '../../lib/fleet/attest.ts';
import type { Report } from '../../lib/fleet/report.ts';
import { attested, digest } from '../policy/promotion/sample.ts';

const database = (more: Partial<Report['databases'][number]> = {}): Report['databases'][number] => ({
  ...{ cluster: 'a', database: 'orders', verdict: 'applied', applied: ['2'], reverted: [], pending: [], failed: null },
  ...{ remedy: null, snapshot: null, fingerprint: 'f', milliseconds: 1200, dataApiCalls: 2, ...more },
});

const report = (more: Partial<Report> = {}): Report => ({
  ...{ run: 'run-1', status: 'SUCCEEDED', failure: null, digest, revert: null, revertedBy: null, planDigest: 'p' },
  ...{ approvals: [], approval: null, holds: [], unfit: [], differences: null, drift: [], dataApiCalls: 2 },
  migrations: [{ id: '2', milliseconds: 1100 }],
  databases: [database(), database({ cluster: 'b', verdict: null, applied: [], milliseconds: 300 })],
  ...more,
});

const pace = { seconds: 60, rounds: 1, turns: 2 };
const endedAt = new Date('2026-01-05T10:00:00.000Z');
const stood = attested({ since: '2026-01-01T00:00:00.000Z' });
const saying = (more: Partial<Report> = {}, before = stood, lies = false) =>
  attestationOf(report(more), {
    ...{ service: 'shop', environment: 'staging', account: '111111111111', endedAt, before, lies, pace },
    run: { token: 8, startedAt: '2026-01-05T09:00:00.000Z', requestedBy: 'anna' },
  });

it('says of a success what the next environment wants to know', () => {
  expect(saying()).toEqual({
    ...{ kind: 'attestation', version: 1, service: 'shop', environment: 'staging', account: '111111111111', digest },
    ...{ run: 'run-1', plan: 'p', token: 8, standing: 'succeeded', because: null, wholeFleet: true, databases: 2 },
    ...{ verdicts: { applied: 1, unchanged: 1 }, fingerprint: 'f', startedAt: '2026-01-05T09:00:00.000Z' },
    ...{ endedAt: '2026-01-05T10:00:00.000Z', since: '2026-01-05T10:00:00.000Z', requestedBy: 'anna' },
    ...{ approvedBy: [], milliseconds: 1500, migrations: [{ id: '2', milliseconds: 1100 }], pace },
  });
});

it('lets what stands there go on standing when a run finds nothing to do', () => {
  const databases = [database({ verdict: null, applied: [] })];
  // How long it took is told by the run that brought it there.
  expect(saying({ databases, migrations: [] })).toMatchObject({
    ...{ standing: 'succeeded', since: '2026-01-01T00:00:00.000Z', milliseconds: 1500 },
    migrations: [{ id: '2', milliseconds: 1200 }],
  });
  const taken = attested({ standing: 'failed' });
  expect(saying({ databases }, taken)).toMatchObject({ since: '2026-01-05T10:00:00.000Z' });
});

const idle = [database({ verdict: null, applied: [] }), database({ cluster: 'b', verdict: null, applied: [] })];
const same = attested({ databases: 2, fingerprint: 'f' });
test('says nothing more where all that could be said has been', () => {
  expect(saying({ databases: idle }, same, true)).toBeNull();
});

test.each<[string, Partial<Report>, typeof same, boolean]>([
  ['may not lie where the next environment looks', { databases: idle }, same, false],
  ['is of fewer databases', { databases: idle }, { ...same, databases: 1 }, true],
  ['is of another schema', { databases: idle }, { ...same, fingerprint: 'g' }, true],
  ['was not of the whole fleet', { databases: idle }, { ...same, wholeFleet: false }, true],
  [
    'is of the whole fleet, and this is not',
    { databases: idle, unfit: [{ cluster: 'c', problems: ['x'] }] },
    same,
    true,
  ],
  ['was taken back', { databases: idle }, { ...same, standing: 'failed' }, true],
  ['was said before it ran SQL', {}, same, true],
])('says it again where what was said before %s', (_, more, before, lies) => {
  expect(saying(more, before, lies)).toMatchObject({ run: 'run-1', token: 8 });
});

test.each<[string, Partial<Report>]>([
  ['that left a cluster out', { unfit: [{ cluster: 'c', problems: ['stopped'] }] }],
  ['that left something pending', { databases: [database({ pending: ['3'] })] }],
  ['of an empty fleet', { databases: [] }],
])('does not call a run %s a success on the whole fleet', (_, more) => {
  expect(saying(more)).toMatchObject({ standing: 'succeeded', wholeFleet: false });
});

test.each<[string, Partial<Report>, object]>([
  [
    'failed in a database',
    { failure: { error: 'MigrationFailed', cause: 'x' }, databases: [database({ verdict: 'failed' })] },
    { standing: 'failed', because: 'run run-1 failed: MigrationFailed' },
  ],
  [
    'found the databases to differ, whether or not it did anything itself',
    { failure: { error: 'FingerprintsDiffer', cause: 'x' }, databases: [database({ verdict: null })] },
    { standing: 'failed', because: 'run run-1 failed: FingerprintsDiffer' },
  ],
  [
    'took a run back',
    { revert: 'run-0', databases: [database({ verdict: 'reverted' })] },
    { standing: 'reverted', because: 'run-1 took back what run-0 had applied' },
  ],
])('takes back what was said, where a run %s', (_, more, expected) => {
  expect(saying(more)).toMatchObject(expected);
});

test.each<[string, Partial<Report>]>([
  ['was refused', { planDigest: null, failure: { error: 'LeaseHeld', cause: 'x' }, databases: [] }],
  ['was rejected', { failure: { error: 'Rejected', cause: 'x' }, databases: [database({ verdict: 'skipped' })] }],
  [
    'was to take something back, and did not come to it',
    { revert: 'run-0', databases: [database({ verdict: 'skipped' })] },
  ],
])('says nothing of a run that %s', (_, more) => {
  expect(saying(more)).toBeNull();
});

it('takes back what a restore has undone', () => {
  const by = {
    ...{ run: 'restore-1', token: 12, requestedBy: 'dora', approvedBy: ['Cleo'] },
    ...{ startedAt: '2026-01-06T09:00:00.000Z', endedAt: '2026-01-06T10:00:00.000Z' },
  };
  // Nothing of what the run before was asked for, approved or found is said of the restore.
  expect(takenBack(attested(), restoredAway({ ...by, restores: 'staging-1' }))).toEqual({
    ...attested(),
    ...by,
    ...{ plan: null, standing: 'restored', wholeFleet: false, verdicts: {}, fingerprint: null },
    because: 'restore-1 has restored databases to the state before staging-1',
  });
});
