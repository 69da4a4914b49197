import { z } from 'zod';
import { ignored, number, type Resource, resource } from '../resource.ts';

export const topic: Resource = resource(
  {
    TopicName: z.string().optional(),
    DisplayName: z.string().optional(),
    MaximumMessageSize: number.optional(),
    KmsMasterKeyId: ignored,
    TracingConfig: ignored,
    SignatureVersion: ignored,
  },
  ({ TopicName, DisplayName, MaximumMessageSize }, { services, name }) => {
    const made = services.topics.create(TopicName ?? name(256), {
      ...(DisplayName ? { displayName: DisplayName } : {}),
      ...(MaximumMessageSize ? { maximumMessageSize: MaximumMessageSize } : {}),
    });
    return { ref: made.arn, attributes: { TopicArn: made.arn, TopicName: made.name } };
  },
);

/** A mailbox or a web address has to confirm, as on AWS; until then it gets nothing. */
export const subscription: Resource = resource(
  {
    TopicArn: z.string(),
    Protocol: z.string(),
    Endpoint: z.string(),
    FilterPolicy: z.union([z.looseObject({}), z.string().transform((text) => JSON.parse(text) as object)]).optional(),
    FilterPolicyScope: z.string().optional(),
    // What becomes of deliveries that fail; here none leaves the machine.
    RedrivePolicy: ignored,
    DeliveryPolicy: ignored,
  },
  (it, { services, place }) => {
    const { arn } = services.topics.subscribe(
      {
        ...{ topicArn: it.TopicArn, protocol: it.Protocol, endpoint: it.Endpoint },
        principal: `arn:${place.partition}:iam::${place.account}:root`,
        ...(it.FilterPolicy ? { filterPolicy: it.FilterPolicy } : {}),
        ...(it.FilterPolicyScope ? { filterPolicyScope: it.FilterPolicyScope } : {}),
      },
      'update',
    );
    return { ref: arn };
  },
);
