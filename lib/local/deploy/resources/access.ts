import { z } from 'zod';
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

export const topicPolicy: Resource = resource(
  { Topics: z.array(z.string()), PolicyDocument: policyDocument('resource') },
  ({ Topics, PolicyDocument }, { services, logicalId }) => {
    for (const topic of Topics) services.resourcePolicies.put(topic, PolicyDocument.Statement);
    return { ref: logicalId };
  },
);
