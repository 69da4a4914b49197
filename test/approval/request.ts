import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import type { ApprovalPolicy, Identity } from '../../lib/policy/approval-policy.ts';

export const ACCOUNT = '123456789012';

export const policy = (more: Partial<ApprovalPolicy> = {}): ApprovalPolicy => ({
  people: [
    { name: 'Ada', mail: 'ada@example.com', slack: 'UADA0001', iam: [`arn:aws:iam::${ACCOUNT}:role/team/Ada`] },
    { name: 'Berta', mail: 'berta@example.com', slack: 'UBERTA01', iam: [`arn:aws:iam::${ACCOUNT}:user/berta`] },
    { name: 'Cleo', mail: 'cleo@example.com', commits: ['cleo-codes'] },
    { name: 'Dora', iam: [`arn:aws:sts::${ACCOUNT}:assumed-role/Admin/dora@example.com`] },
  ],
  groups: { dba: ['Ada', 'Berta'] },
  rules: {
    low: { approvals: 1, by: ['dba', 'Cleo'] },
    medium: { approvals: 1, by: ['dba', 'Cleo'] },
    high: { approvals: 2, by: ['dba', 'Cleo', 'Dora'] },
  },
  fourEyes: true,
  mailLinkIsEnough: true,
  expiresAfter: 86_400,
  remindBefore: 3_600,
  breakGlass: { by: ['Dora'] },
  slack: { mode: 'app', secret: 'lockstep/slack', team: 'T0001', channel: 'C0001' },
  ...more,
});

/** A request that was made at nine in the morning and expires at ten. */
export const asked = (more: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  run: 'run-1',
  service: 'shop',
  environment: 'production',
  digest: 'd'.repeat(64),
  planDigest: 'b'.repeat(64),
  direction: 'up',
  risk: 'low',
  policy: policy(),
  requestedBy: 'ci',
  starter: `arn:aws:sts::${ACCOUNT}:assumed-role/Ci/job`,
  authors: [],
  approvers: ['Ada', 'Berta', 'Cleo'],
  quorum: 1,
  barred: [],
  createdAt: '2026-01-05T09:00:00.000Z',
  expiresAt: '2026-01-05T10:00:00.000Z',
  taskToken: 'AQCEAAAAKgAAAAMAAAAAAAAAAc-task-token-of-run-1',
  formKey: 'k'.repeat(43),
  version: 1,
  votes: [],
  outcome: null,
  deliveredAt: null,
  slack: null,
  ...more,
});

export const at = (time: string): Date => new Date(`2026-01-05T${time}Z`);

export const byMail = (person: string): Identity => ({ channel: 'mail', person });
export const bySlack = (user: string, team = 'T0001'): Identity => ({ channel: 'slack', team, user });
export const byIam = (resource: string, service = 'sts'): Identity => ({
  channel: 'iam',
  arn: `arn:aws:${service}::${ACCOUNT}:${resource}`,
});
