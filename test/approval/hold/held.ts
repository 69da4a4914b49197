import type { Hold } from '../../../lib/ledger/hold.ts';
import type { ApprovalRequest } from '../../../lib/ledger/request.ts';
import { asked } from '../request.ts';

/** A rollout that was halted after its second wave of four: two failed, one is in doubt, two were not begun. */
export const rollout = (more: Partial<Hold> = {}): Hold => ({
  number: 1,
  wave: 2,
  reason: 'the failure budget of wave 2 is spent: 3 databases failed, and 2 may',
  canRevert: true,
  withoutDown: [],
  waves: [
    { wave: 1, databases: 2, verdicts: { applied: 2 } },
    { wave: 2, databases: 20, verdicts: { applied: 15, failed: 2, 'in doubt': 1 } },
    { wave: 3, databases: 60, verdicts: {} },
    { wave: 4, databases: 118, verdicts: {} },
  ],
  failures: [
    {
      ...{ cluster: 'shop-eu-1', database: 'tenant_acme', verdict: 'failed', sqlstate: '23502' },
      ...{
        file: '0042_index_orders.sql',
        line: 12,
        message: 'column "tier" of relation "customers" contains null values',
      },
    },
    {
      ...{ cluster: 'shop-eu-1', database: 'tenant_globex', verdict: 'failed', sqlstate: '' },
      ...{ file: null, line: null, message: 'ClusterNotAvailable: <b>the cluster</b> is being deleted' },
    },
    {
      ...{ cluster: 'shop-eu-2', database: 'tenant_wayne', verdict: 'in doubt', sqlstate: '' },
      ...{ file: '0043_concurrent.sql', line: 3, message: 'nobody knows whether its last statement took effect' },
    },
  ],
  moreFailures: 0,
  ...more,
});

/** The request of that hold, made at nine; expires at ten. */
export const held = (more: Partial<ApprovalRequest> = {}): ApprovalRequest & { hold: Hold } => ({
  ...asked({ planDigest: 'e'.repeat(64), ...more }),
  hold: more.hold ?? rollout(),
});
