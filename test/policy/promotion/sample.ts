import type { Path, Place } from '../../../lib/policy/promotion/path.ts';
import type { Reading, Readings } from '../../../lib/policy/promotion/readings.ts';
import type { Attestation, Evidence } from '../../../lib/policy/promotion/statements.ts';
import type { Gate } from '../../../lib/policy/promotion/weigh.ts';

export const digest = 'd'.repeat(64);

export const attested = (more: Partial<Attestation> = {}): Attestation => ({
  ...{ kind: 'attestation', version: 1, service: 'shop', environment: 'staging', account: '111111111111', digest },
  ...{ run: 'staging-1', plan: 'p'.repeat(64), token: 7, standing: 'succeeded', because: null, wholeFleet: true },
  ...{ databases: 4, verdicts: { applied: 4 }, fingerprint: 'f'.repeat(64) },
  ...{ startedAt: '2026-01-05T09:00:00.000Z', endedAt: '2026-01-05T10:00:00.000Z', since: '2026-01-05T10:00:00.000Z' },
  ...{ requestedBy: 'anna', approvedBy: ['Berta'], milliseconds: 1500, migrations: [{ id: '2', milliseconds: 1200 }] },
  pace: null,
  ...more,
});

export const said = (more: Partial<Evidence> = {}): Evidence => ({
  ...{ kind: 'evidence', version: 1, service: 'shop', environment: 'staging', account: '111111111111', digest },
  ...{ name: 'e2e', sequence: 1, result: 'passed', by: 'arn:aws:sts::111111111111:assumed-role/Ci/job-7' },
  ...{ at: '2026-01-05T11:00:00.000Z', url: 'https://ci.example.com/runs/7', file: null },
  ...more,
});

export const place = (more: Partial<Place> = {}): Place => ({
  ...{ account: '111111111111', region: 'eu-west-1', bucket: 'staging', attestations: 'key-1', evidence: 'key-2' },
  ...more,
});

export const path = (more: Partial<Path> = {}): Path => ({
  ...{ name: 'regular', after: [{ environment: 'staging', soak: 0 }], evidence: [] },
  ...{ approvals: null, by: null, patience: null },
  ...more,
});

export const gate = (more: Partial<Path> = {}, now = '2026-01-05T12:00:00.000Z'): Gate => ({
  ...{ service: 'shop', environment: 'production', digest, path: path(more), now: new Date(now) },
  places: { staging: place(), production: place({ account: '222222222222', bucket: 'production' }) },
});

/** Versions, newest first: a statement that is genuine, or what is wrong with it. */
export const versions = (...all: (object | string)[]): Readings => ({
  versions: all.map(
    (it, at): Reading => ({
      version: `v${all.length - at}`,
      ...(typeof it === 'string' ? { statement: null, flaw: it } : { statement: it, flaw: null }),
    }),
  ),
});
