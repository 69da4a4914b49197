import { describe, expect, test } from 'vitest';
import { decide } from '../../../lib/local/iam/decide.ts';
import { compile, type Statement } from '../../../lib/local/iam/statement.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/Ledger';

const compiled = (statements: object[]) => statements.map((it) => compile(it as Statement));
const allow = (more: object = {}) => ({ Effect: 'Allow', Action: '*', Resource: '*', ...more });
const deny = (more: object = {}) => ({ ...allow(more), Effect: 'Deny' });

const ask = (
  statements: object[],
  action = 'dynamodb:GetItem',
  resource = TABLE,
  keys: Record<string, string[]> = {},
) => decide({ action, resource, context: (key) => keys[key] }, compiled(statements));

describe('a request', () => {
  test('is denied unless a statement allows it', () => {
    expect(ask([])).toBe('no allow');
    expect(ask([allow()])).toBeUndefined();
  });

  test('is denied by one Deny, whatever allows it and in whatever order', () => {
    expect(ask([allow(), deny()])).toBe('identity-based deny');
    expect(ask([deny(), allow()])).toBe('identity-based deny');
    expect(ask([allow(), deny({ Action: 'dynamodb:PutItem' })])).toBeUndefined();
  });
});

describe('an action', () => {
  test.each([
    ['dynamodb:GetItem', true],
    ['DynamoDB:getitem', true],
    ['dynamodb:Get*', true],
    ['dynamodb:*', true],
    ['*', true],
    ['dynamodb:Get?tem', true],
    ['dynamodb:Get', false],
    ['dynamodb:GetItems', false],
    ['s3:*', false],
  ])('GetItem is meant by %s: %s', (Action, meant) => {
    expect(ask([allow({ Action })]) === undefined).toBe(meant);
    expect(ask([allow({ Action: undefined, NotAction: Action })]) === undefined).toBe(!meant);
  });
});

describe('a resource', () => {
  test.each([
    [TABLE, TABLE, true],
    [TABLE, TABLE.toLowerCase(), false],
    [TABLE, 'arn:aws:dynamodb:*:*:table/L*', true],
    [TABLE, 'arn:aws:dynamodb:us-east-1:000000000000:table/Ledge?', true],
    [TABLE, 'arn:aws:dynamodb:us-east-1:*', true],
    [TABLE, 'arn:aws:dynamodb:*', true],
    [TABLE, 'arn:aws:dynamodb', true],
    [TABLE, 'arn:aws:s3', false],
    ['arn:aws:s3:::bundles/runs/1/plan.json', 'arn:aws:s3:::bundles/runs/*/plan.json', true],
    ['arn:aws:s3:::bundles/runs/1/2/plan.json', 'arn:aws:s3:::bundles/runs/*/plan.json', true],
    ['arn:aws:s3:::bundles/runs/1/fleet.json', 'arn:aws:s3:::bundles/runs/*/plan.json', false],
    ['arn:aws:s3:::bundles', 'arn:aws:s3:::bundles/*', false],
    // A star in the middle of a segment doesn't reach over the colon.
    ['arn:aws:states:r:0:execution:name/Map:1', 'arn:aws:states:r:0:execution:na*e:1', false],
    ['arn:aws:states:r:0:execution:name/Map:1', 'arn:aws:states:r:0:execution:name/*', true],
    ['arn:aws:secretsmanager:r:0:secret:db-AbCdEf', 'arn:aws:secretsmanager:r:0:secret:db-??????', true],
    ['arn:aws:secretsmanager:r:0:secret:db-other-AbCdEf', 'arn:aws:secretsmanager:r:0:secret:db-??????', false],
  ])('%s is meant by %s: %s', (resource, Resource, meant) => {
    expect(ask([allow({ Resource })], 's3:GetObject', resource) === undefined).toBe(meant);
    expect(ask([allow({ Resource: undefined, NotResource: Resource })], 's3:GetObject', resource) === undefined).toBe(
      !meant,
    );
  });

  test('of an action without resources is meant by a star only', () => {
    expect(ask([allow({ Resource: 'arn:aws:s3:::*' })], 's3:ListAllMyBuckets', '*')).toBe('no allow');
    expect(ask([allow()], 's3:ListAllMyBuckets', '*')).toBeUndefined();
  });
});

describe('a condition', () => {
  const holds = (Condition: object, keys: Record<string, string[]> = {}) =>
    ask([allow({ Condition })], 'dynamodb:GetItem', TABLE, keys) === undefined;

  test.each<[operator: string, wanted: string | string[], given: string, outcome: boolean]>([
    ['StringEquals', 'eu', 'eu', true],
    ['StringEquals', 'eu', 'EU', false],
    ['StringEquals', ['us', 'eu'], 'eu', true],
    ['StringEquals', 'e*', 'eu', false],
    ['StringNotEquals', ['us', 'eu'], 'eu', false],
    ['StringNotEquals', ['us', 'eu'], 'ap', true],
    ['StringEqualsIgnoreCase', 'EU', 'eu', true],
    ['StringNotEqualsIgnoreCase', 'EU', 'eu', false],
    ['StringLike', 'e?-*', 'eu-west-1', true],
    ['StringNotLike', 'e?-*', 'eu-west-1', false],
    ['ArnLike', 'arn:aws:iam::*:role/a*', 'arn:aws:iam::0:role/admit', true],
    ['ArnEquals', 'arn:aws:iam::*:role/a*', 'arn:aws:iam::0:role/admit', true],
    ['ArnLike', 'arn:aws:*:role/admit', 'arn:aws:iam::0:role/admit', false],
    ['ArnNotLike', 'arn:aws:iam::*:role/a*', 'arn:aws:iam::0:role/admit', false],
    ['Bool', 'true', 'true', true],
    ['Bool', 'False', 'false', true],
    ['Bool', 'false', 'true', false],
    ['NumericEquals', '10', '10.0', true],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThanEquals', '10', '11', false],
    ['NumericGreaterThan', '10', 'ten', false],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['NumericNotEquals', '10', '9', true],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', true],
    ['DateGreaterThan', '1767225600', '2026-01-01T00:00:01Z', true],
    ['DateEquals', '2026-01-01', '2026-01-01T00:00:00Z', true],
  ])('%s %s of %s: %s', (operator, wanted, given, outcome) => {
    expect(holds({ [operator]: { 's3:prefix': wanted } }, { 's3:prefix': [given] })).toBe(outcome);
    expect(holds({ [`${operator}IfExists`]: { 'S3:Prefix': wanted } }, { 's3:prefix': [given] })).toBe(outcome);
  });

  test('on a key that the request does not have holds only where it asks for difference, or if the key exists', () => {
    expect(holds({ StringEquals: { 's3:prefix': 'a' } })).toBe(false);
    expect(holds({ Bool: { 'aws:SecureTransport': 'false' } })).toBe(false);
    expect(holds({ StringNotEquals: { 's3:prefix': 'a' } })).toBe(true);
    expect(holds({ ArnNotLike: { 'aws:SourceArn': 'arn:aws:s3:::a' } })).toBe(true);
    expect(holds({ StringEqualsIfExists: { 's3:prefix': 'a' } })).toBe(true);
    expect(holds({ Null: { 's3:prefix': 'true' } })).toBe(true);
    expect(holds({ Null: { 's3:prefix': 'false' } })).toBe(false);
    expect(holds({ Null: { 's3:prefix': 'false' } }, { 's3:prefix': ['a'] })).toBe(true);
  });

  test('on many values holds for all, or for any', () => {
    const own = { 'dynamodb:LeadingKeys': ['APPROVAL#*', 'RUN#1'] };
    const keys = (...values: string[]) => ({ 'dynamodb:leadingkeys': values });
    expect(holds({ 'ForAllValues:StringLike': own }, keys('APPROVAL#1', 'RUN#1'))).toBe(true);
    expect(holds({ 'ForAllValues:StringLike': own }, keys('APPROVAL#1', 'LEASE'))).toBe(false);
    expect(holds({ 'ForAllValues:StringLike': own })).toBe(true);
    expect(holds({ 'ForAnyValue:StringLike': own }, keys('APPROVAL#1', 'LEASE'))).toBe(true);
    expect(holds({ 'ForAnyValue:StringLike': own }, keys('LEASE'))).toBe(false);
    expect(holds({ 'ForAnyValue:StringLike': own })).toBe(false);
    expect(holds({ StringLike: own }, keys('APPROVAL#1', 'RUN#1'))).toBe(false);
  });

  test('holds with all others of its statement', () => {
    const both = { StringLike: { 's3:prefix': 'a*' }, StringEquals: { 's3:delimiter': '/' } };
    expect(holds(both, { 's3:prefix': ['a1'], 's3:delimiter': ['/'] })).toBe(true);
    expect(holds(both, { 's3:prefix': ['a1'], 's3:delimiter': [','] })).toBe(false);
  });
});

describe('a policy of a resource', () => {
  const TOPIC = 'arn:aws:sns:us-east-1:000000000000:approvals';
  const caller = {
    roleArn: 'arn:aws:iam::000000000000:role/Report',
    sessionArn: 'arn:aws:sts::000000000000:assumed-role/Report/report',
    account: '000000000000',
  };
  const publish = (identity: object[], resource: object[]) => {
    const request = { action: 'SNS:Publish', resource: TOPIC, context: () => undefined };
    const ofResource = resource.map((it) =>
      compile({ Resource: '*', Action: 'sns:Publish', ...it } as unknown as Statement, 'resource'),
    );
    return decide(request, compiled(identity), ofResource, caller);
  };

  test('denies whoever it means, by name, by account or as everybody', () => {
    for (const AWS of ['*', caller.roleArn, caller.sessionArn, '000000000000', 'arn:aws:iam::000000000000:root']) {
      expect(publish([allow()], [{ Effect: 'Deny', Principal: { AWS } }])).toBe('resource-based deny');
    }
    expect(publish([allow()], [{ Effect: 'Deny', Principal: { Service: 's3.amazonaws.com' } }])).toBeUndefined();
  });

  test('allows a role of the account that it names; naming the account leaves it to the role’s own policies', () => {
    expect(publish([], [{ Effect: 'Allow', Principal: { AWS: caller.roleArn } }])).toBeUndefined();
    expect(publish([], [{ Effect: 'Allow', Principal: '*' }])).toBeUndefined();
    expect(publish([], [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' } }])).toBe('no allow');
    expect(publish([], [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' } }])).toBe('no allow');
  });
});

test.each([
  [
    'an unknown operator',
    allow({ Condition: { IpAddress: { 's3:prefix': '10.0.0.0/8' } } }),
    'condition operator IpAddress',
  ],
  [
    'an unknown condition key',
    allow({ Condition: { StringEquals: { 'aws:ResourceTag/team': 'a' } } }),
    'aws:ResourceTag/team',
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM's own syntax.
  ['a policy variable', allow({ Resource: 'arn:aws:s3:::b/${aws:username}' }), 'no policy variables'],
  ['an unknown element', allow({ NotPrincipal: '*' }), 'the element NotPrincipal'],
  ['neither Action nor NotAction', { Effect: 'Allow', Resource: '*' }, 'either Action or NotAction'],
  ['an action without a service', allow({ Action: 'GetItem' }), 'service:Action'],
  ['a resource that is no ARN', allow({ Resource: 'Ledger' }), 'they are ARNs'],
  ['a principal in a role’s policy', allow({ Principal: '*' }), 'has no Principal'],
  ['another effect', allow({ Effect: 'Maybe' }), 'Allow or Deny'],
])('a statement with %s is refused', (_, statement, told) => {
  expect(() => compiled([statement])).toThrow(told);
});
