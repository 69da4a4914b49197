// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax.

import { expect, it } from 'vitest';
import { evaluate } from '../../../lib/local/template/evaluate.ts';
import { inOrder } from '../../../lib/local/template/order.ts';
import { scopeOf } from '../../../lib/local/template/scope.ts';
import { checkSections, type Template } from '../../../lib/local/template/template.ts';
import { place } from '../cloud-harness.ts';

const template: Template = {
  Parameters: {
    Size: { Type: 'Number', Default: 3 },
    Zones: { Type: 'CommaDelimitedList', Default: 'a,b' },
    Version: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/version' },
    Unset: { Type: 'String' },
  },
  Mappings: { Sizes: { 'us-east-1': { small: 'tiny' } } },
  Conditions: {
    IsLarge: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Size' }, '3'] }] },
    Either: { 'Fn::Or': [{ Condition: 'IsLarge' }, { 'Fn::Contains': [['x', 'y'], 'y'] }] },
    Both: { 'Fn::And': [{ Condition: 'Either' }, { Condition: 'IsLarge' }] },
  },
  Resources: { Table: { Type: 'AWS::DynamoDB::Table' } },
};
const scope = scopeOf({
  ...{ place, stack: 'Orders', stackId: 'id', template },
  resources: new Map([['Table', { ref: 'orders-table', attributes: { Arn: 'arn:table', 'Nested.Name': 'deep' } }]]),
  exported: (name) => (name === 'Shared' ? 'exported' : undefined),
  parameter: (name) => (name === '/version' ? '30' : undefined),
  secret: (id) => (id.startsWith('arn:') ? 'whole' : '{"username":"u","password":"p"}'),
});
const value = (it: unknown) => evaluate(it, scope, { stack: 'Orders', path: 'Thing.Properties' });

it.each([
  [{ Ref: 'Table' }, 'orders-table'],
  [{ Ref: 'AWS::Region' }, 'us-east-1'],
  [{ Ref: 'Size' }, 3],
  [{ Ref: 'Zones' }, ['a', 'b']],
  [{ Ref: 'Version' }, '30'],
  [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:table'],
  [{ 'Fn::GetAtt': 'Table.Nested.Name' }, 'deep'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Table' }, 1]] }, 'a-orders-table-1'],
  [
    { 'Fn::Sub': '${Table}/${Table.Arn}/${!Literal}/${AWS::AccountId}' },
    'orders-table/arn:table/${Literal}/000000000000',
  ],
  [{ 'Fn::Sub': ['${x}-${Table}', { x: { Ref: 'Size' } }] }, '3-orders-table'],
  [{ 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
  [{ 'Fn::Base64': 'hi' }, 'aGk='],
  [{ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, 'tiny'],
  [{ 'Fn::ImportValue': 'Shared' }, 'exported'],
  [{ 'Fn::If': ['IsLarge', { 'Fn::GetAtt': ['Missing', 'X'] }, 'small'] }, 'small'],
  [{ a: { 'Fn::If': ['IsLarge', 1, { Ref: 'AWS::NoValue' }] }, b: [{ Ref: 'AWS::NoValue' }, 2] }, { b: [2] }],
  [{ 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
  [{ 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
  ['a {{resolve:ssm:/version}} b', 'a 30 b'],
  ['{{resolve:secretsmanager:db:SecretString:password}}', 'p'],
  ['{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf:SecretString}}', 'whole'],
  [
    { Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    { Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  ],
])('resolves %j', (expression, expected) => {
  expect(value(expression)).toEqual(expected);
});

it.each([
  [
    { Name: { 'Fn::Cidr': ['10.0.0.0/16', 1, 8] } },
    "Stack Orders, Thing.Properties.Name: the local cloud doesn't know the intrinsic function Fn::Cidr.",
  ],
  [
    { 'Fn::GetAtt': ['Table', 'StreamArn'] },
    "the local cloud doesn't know the attribute StreamArn of Table (AWS::DynamoDB::Table).",
  ],
  [{ Ref: 'Missing' }, "Ref to Missing, which this template doesn't have."],
  [{ Ref: 'Unset' }, 'the parameter Unset has no default'],
  [{ 'Fn::ImportValue': 'Other' }, 'no deployed stack exports "Other".'],
  [{ 'Fn::Select': [5, ['a']] }, 'Fn::Select has no element 5 of 1.'],
  [{ 'Fn::Join': ['', [{ a: 1 }]] }, 'a text was expected, not {"a":1}.'],
  ['{{resolve:ssm-secure:/x}}', "the local cloud can't resolve {{resolve:ssm-secure:…}}."],
])('refuses %j, naming the place', (expression, message) => {
  expect(() => value(expression)).toThrow(message);
});

it('puts resources after those they refer to', () => {
  const Resources = {
    Last: { Type: 'T', Properties: { a: { 'Fn::Sub': 'x ${Middle.Arn}' } } },
    Middle: { Type: 'T', Properties: { b: [{ 'Fn::GetAtt': ['First', 'Arn'] }] }, DependsOn: 'Policy' },
    First: { Type: 'T' },
    Policy: { Type: 'T', Properties: { c: { Ref: 'First' } } },
  };
  expect(inOrder('Orders', { Resources }, () => true).map(([id]) => id)).toEqual(['First', 'Policy', 'Middle', 'Last']);
});

it('names resources that refer to each other', () => {
  const Resources = { A: { Type: 'T', Properties: { x: { Ref: 'B' } } }, B: { Type: 'T', DependsOn: ['A'] } };
  expect(() => inOrder('Orders', { Resources }, () => true)).toThrow(
    'Stack Orders, A: circular dependency: A → B → A.',
  );
});

it('refuses a section that nobody would read', () => {
  expect(() => checkSections('Orders', { Resources: {}, Transform: 'AWS::Serverless-2016-10-31' })).toThrow(
    "Stack Orders, Transform: the local cloud doesn't know this section.",
  );
});
