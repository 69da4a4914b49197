import type { Person } from '../../../lib/policy/approval-policy.ts';

/** Who approves in the shop: by mail, by Slack, and by a user, a session and a role of IAM. */
export const ada: Person = {
  name: 'Ada',
  mail: 'ada@example.com',
  slack: 'U0ADA',
  iam: ['arn:aws:iam::000000000000:user/ada'],
  commits: ['ada-l'],
};

export const berta: Person = {
  name: 'Berta',
  mail: 'berta@example.com',
  slack: 'U0BERTA',
  iam: ['arn:aws:sts::000000000000:assumed-role/Admin/berta@example.com'],
};

export const carl: Person = {
  name: 'Carl',
  mail: 'carl@example.com',
  slack: 'U0CARL',
  iam: ['arn:aws:iam::000000000000:role/teams/OnCall'],
};

export const people = [ada, berta, carl];
