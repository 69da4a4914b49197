import type { Authorizer } from '../iam/authorizer.ts';
import { sessionArn } from '../iam/sessions.ts';
import type { View } from '../neighbours.ts';
import type { Place } from '../service.ts';
import type { StatusChange } from './execution-status-change.ts';

/**
 * Sends an event to another account's bus as the role of the rule's target: the role's policies must allow it, and the
 * bus's. What is refused is lost, as on AWS, where only a metric tells of it.
 */
export const toNeighbour =
  (it: {
    place: Place;
    authority: Pick<Authorizer, 'refusal'>;
    abroad: Pick<View, 'send'>;
    log: (line: string) => void;
  }) =>
  (busArn: string, event: StatusChange, roleArn: string): void => {
    const principal = sessionArn(it.place, roleArn, 'events');
    const keys = { 'events:source': [event.source], 'events:detail-type': [event['detail-type']] };
    const refused = it.authority.refusal(principal, [{ action: 'events:PutEvents', resource: busArn, keys }]);
    if (refused) it.log(`an event for ${busArn} is lost: ${refused}`);
    else if (!it.abroad.send(busArn, event)) it.log(`an event for ${busArn} is lost: no such account is here`);
  };
