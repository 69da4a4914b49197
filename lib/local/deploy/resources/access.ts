import { z } from 'zod';
import { UnresolvableTemplate } from '../../template/template.ts';
import { policyDocument } from '../policy-document.ts';
import { type Resource, resource } from '../resource.ts';

/** A bucket has one policy: that of the last template that gave it one. */
export const bucketPolicy: Resource = resource(
  { Bucket: z.string(), PolicyDocument: policyDocument('resource') },
  ({ Bucket, PolicyDocument }, { services, place, logicalId }) => {
    services.resourcePolicies.put(`arn:${place.partition}:s3:::${Bucket}`, PolicyDocument.Statement);
    return { ref: logicalId };
  },
);

/** Who may send events here from elsewhere. A bus has one policy, of statements by their id. */
export const eventBusPolicy: Resource = resource(
  {
    EventBusName: z.literal('default').optional(),
    StatementId: z.string(),
    Statement: z.looseObject({}),
  },
  ({ StatementId, Statement }, { services, stack, logicalId, arn }) => {
    const bus = arn('events', 'event-bus/default');
    const parsed = policyDocument('resource').safeParse({ Statement });
    if (!parsed.success) {
      const problem = parsed.error.issues[0]?.message ?? 'its Statement is none.';
      throw new UnresolvableTemplate({ stack, path: `${logicalId}.Properties.Statement`, problem });
    }
    services.resourcePolicies.add(bus, StatementId, parsed.data.Statement);
    return { ref: StatementId };
  },
);

export const topicPolicy: Resource = resource(
  { Topics: z.array(z.string()), PolicyDocument: policyDocument('resource') },
  ({ Topics, PolicyDocument }, { services, logicalId }) => {
    for (const topic of Topics) services.resourcePolicies.put(topic, PolicyDocument.Statement);
    return { ref: logicalId };
  },
);
