import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { expect, test } from 'vitest';
import { rdsDataActions } from '../../../lib/local/iam/actions/rds-data.ts';
import type { Check } from '../../../lib/local/iam/authorizer.ts';
import { guarded } from '../../../lib/local/iam/guard.ts';
import { withResourceTags } from '../../../lib/local/iam/resource-tags.ts';
import { compile, type Statement } from '../../../lib/local/iam/statement.ts';
import { listening } from '../cloud-harness.ts';
import { CLUSTER, SECRET, SESSION } from './guard-harness.ts';

test('a condition sees the tags of the cluster that SQL is sent to', async () => {
  const asked: Check[] = [];
  const known = {
    'rds-data': withResourceTags(
      rdsDataActions(() => SECRET),
      (arn): Record<string, string> => (arn === CLUSTER ? { Team: 'orders', stage: 'prod' } : {}),
    ),
  };
  const refusal = (_: string, checks: Check[]) => {
    asked.push(...checks);
    return 'No.';
  };
  const services = { 'rds-data': async () => ({ status: 200 }) };
  const settings = await listening(guarded(services, known, { refusal }), undefined, () => SESSION);
  const sql = new ExecuteStatementCommand({ resourceArn: CLUSTER, secretArn: 'db', sql: 'SELECT 1' });
  await expect(new RDSDataClient(settings).send(sql)).rejects.toThrow('No.');
  expect(asked).toEqual([
    {
      ...{ action: 'rds-data:ExecuteStatement', resource: CLUSTER },
      keys: { 'aws:resourcetag/team': ['orders'], 'aws:resourcetag/stage': ['prod'] },
    },
    { action: 'secretsmanager:GetSecretValue', resource: SECRET, shown: 'db' },
  ]);
});

const allow = (Action: string | string[]): Statement => ({
  ...{ Effect: 'Allow', Action, Resource: '*' },
  Condition: { StringEquals: { 'aws:ResourceTag/Team': 'orders' } },
});

test.each([
  ['orders', true],
  ['billing', false],
  [undefined, false],
])('a cluster with the tag %s may be used by whom that tag is asked of: %s', (team, allowed) => {
  const context = (key: string) => (key === 'aws:resourcetag/team' && team !== undefined ? [team] : undefined);
  const request = { action: 'rds-data:ExecuteStatement', resource: CLUSTER, context };
  expect(compile(allow(['rds-data:ExecuteStatement'])).speaksOf(request)).toBe(allowed);
});

test.each([['s3:GetObject'], ['rds-data:ExecuteStatement', 's3:GetObject'], ['*']])(
  'tags of what %s is done to are not known here',
  (...actions) => {
    expect(() => compile(allow(actions))).toThrow('aws:ResourceTag/Team');
  },
);
