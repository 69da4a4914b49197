import { expect, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import type { StatusChange } from '../../../lib/local/events/execution-status-change.ts';
import { toNeighbour } from '../../../lib/local/events/to-neighbour.ts';
import { authorizer } from '../../../lib/local/iam/authorizer.ts';
import { resourcePolicies } from '../../../lib/local/iam/resource-policies.ts';
import type { Statement } from '../../../lib/local/iam/statement.ts';

const BUS = 'arn:aws:events:eu-west-1:222222222222:event-bus/default';
const ROLE = 'arn:aws:iam::111111111111:role/Rule';
const status = 'Step Functions Execution Status Change';
const event = { source: 'aws.states', 'detail-type': status } as StatusChange;

/** Sends an event to a bus whose policy lets the account say what meets the condition; gives what came there. */
const sent = (condition: object) => {
  const place = { account: '111111111111', region: 'eu-west-1', partition: 'aws' as const };
  const policies = resourcePolicies();
  const allowed: Statement = { Effect: 'Allow', Action: 'events:PutEvents', Resource: BUS };
  const Principal = { AWS: 'arn:aws:iam::111111111111:root' };
  policies.add(BUS, 'one', [{ ...allowed, Principal, Condition: condition } as Statement]);
  const authority = authorizer({
    ...{ place, clock: virtualClock(), resourcePolicies: policies },
    role: () => ({ arn: ROLE, statements: [allowed] }),
    abroad: () => ({ account: '222222222222', policies: policies.of(BUS) }),
  });
  const came: object[] = [];
  const lines: string[] = [];
  const abroad = { send: (_: string, one: object) => came.push(one) > 0 };
  toNeighbour({ place, authority, abroad, log: (line) => lines.push(line) })(BUS, event, ROLE);
  return { came, lines };
};

test.each([
  [{ 'events:source': 'aws.states', 'events:detail-type': status }, true],
  [{ 'events:source': 'aws.states', 'events:detail-type': 'Order Placed' }, false],
  [{ 'events:source': 'com.example.shop', 'events:detail-type': status }, false],
])('an event reaches a bus that takes %j: %s', (StringEquals, comes) => {
  const { came, lines } = sent({ StringEquals });
  expect(came).toEqual(comes ? [event] : []);
  expect(lines.join()).toMatch(comes ? /^$/ : /is lost: .*no resource-based policy allows the events:PutEvents action/);
});

test('a policy that asks of other calls what only PutEvents says is refused', () => {
  const policies = resourcePolicies();
  const Condition = { StringEquals: { 'events:source': 'aws.states' } };
  const given = { Effect: 'Allow', Principal: '*', Action: 'events:*', Resource: BUS, Condition };
  expect(() => policies.add(BUS, 'one', [given as unknown as Statement])).toThrow('events:source');
});
