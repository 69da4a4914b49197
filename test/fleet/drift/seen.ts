import type { Seen } from '../../../lib/fleet/drift/seen.ts';
import type { Base } from '../../../lib/ledger/base.ts';

/** A database as a check sees it, `c1/orders`; of level L with two migrations. */
export const seen = (name: string, fingerprint = 'usual', more: Partial<Seen> = {}): Seen => ({
  ...{ name, database: name.split('/')[1]!, clusterArn: `arn:${name.split('/')[0]}`, secretArn: 'secret' },
  ...{ fingerprint, level: 'L', applied: 2, problem: null, dataApiCalls: 1, ...more },
});

/** How a run has left databases. */
export const left = (bases: Record<string, string>, more: Partial<Base> = {}): Map<string, Base> =>
  new Map(
    Object.entries(bases).map(([name, fingerprint]) => [
      name,
      { fingerprint, level: 'L', at: '2026-01-05T09:00:00.000Z', run: 'run-1', ...more },
    ]),
  );
