import { describe, expect, it } from 'vitest';
import { outside, Within } from '../../../lib/fleet/discovery/within.ts';

const where = { partition: 'aws', region: 'eu-west-1', account: '111111111111' };
const within = { clusters: ['orders-*', 'legacy'], secrets: ['lockstep/orders-*', 'rds!cluster-*'] };
const arn = (name: string, account = where.account) =>
  `arn:aws:secretsmanager:eu-west-1:${account}:secret:${name}-a1B2c3`;

describe('what a pipeline may reach', () => {
  it.each([
    ['orders-1', 'lockstep/orders-1'],
    ['legacy', arn('lockstep/orders-1')],
    ['orders-', arn('rds!cluster-0f1e')],
  ])('holds %s with the secret %s', (cluster, secret) => {
    expect(outside(within, { cluster, secret }, where)).toEqual([]);
  });

  it.each([
    ['billing-orders-1', 'lockstep/orders-1', 'is not among what this pipeline may reach'],
    ['legacy-1', 'lockstep/orders-1', 'is not among what this pipeline may reach'],
    ['orders-1', 'lockstep/billing', 'has a secret that is not among what this pipeline may read'],
    ['orders-1', arn('other/lockstep/orders-1'), 'has a secret that is not among what this pipeline may read'],
    ['orders-1', arn('lockstep/orders-1', '222222222222'), 'has its secret in another account or region'],
  ])('does not hold %s with the secret %s', (cluster, secret, problem) => {
    expect(outside(within, { cluster, secret }, where)).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    ['everything', { clusters: ['*'] }],
    ['nearly everything', { clusters: ['or*'] }],
    ['an ARN', { clusters: ['arn:aws:rds:eu-west-1:111111111111:cluster:*'] }],
    ['no cluster', { clusters: [] }],
    ['every secret', { secrets: ['*'] }],
    ['a variable of a policy', { secrets: ['lockstep/$' + '{aws:username}'] }],
  ])('is not declared as %s', (_, more) => {
    expect(Within.safeParse({ ...within, ...more }).success).toBe(false);
  });
});
