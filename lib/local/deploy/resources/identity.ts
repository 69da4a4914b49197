import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ignored, type Resource, resource } from '../resource.ts';
import type { PolicyDocument } from '../roles.ts';

const document = z
  .looseObject({ Statement: z.union([z.array(z.looseObject({})), z.looseObject({})]) })
  .transform((it) => ({ ...it, Statement: [it.Statement].flat() }) as unknown as PolicyDocument);

export const role: Resource = resource(
  {
    RoleName: z.string().optional(),
    Path: z.string().default('/'),
    AssumeRolePolicyDocument: document,
    Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: document })).default([]),
    ManagedPolicyArns: z.array(z.string()).default([]),
    Description: ignored,
    MaxSessionDuration: ignored,
  },
  (it, { services, name, stack, logicalId }) => {
    const made = services.roles.create(it.RoleName ?? name(64), it.Path, it.AssumeRolePolicyDocument);
    for (const { PolicyName, PolicyDocument } of it.Policies) made.policies.set(PolicyName, PolicyDocument);
    for (const arn of it.ManagedPolicyArns) made.managedPolicies.add(arn);
    const RoleId = `AROA${createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 17).toUpperCase()}`;
    return { ref: made.name, attributes: { Arn: made.arn, RoleId } };
  },
);

export const policy: Resource = resource(
  {
    PolicyName: z.string(),
    PolicyDocument: document,
    Roles: z.array(z.string()).min(1, 'users and groups there are none here'),
  },
  (it, { services }) => {
    for (const name of it.Roles) services.roles.find(name).policies.set(it.PolicyName, it.PolicyDocument);
    return { ref: it.PolicyName, attributes: { Id: it.PolicyName } };
  },
);

export const managedPolicy: Resource = resource(
  {
    ManagedPolicyName: z.string().optional(),
    Path: z.string().default('/'),
    PolicyDocument: document,
    Roles: z.array(z.string()).default([]),
    Description: ignored,
  },
  (it, { services: { roles }, name }) => {
    const arn = roles.createManagedPolicy(it.ManagedPolicyName ?? name(128), it.Path, it.PolicyDocument);
    for (const role of it.Roles) roles.find(role).managedPolicies.add(arn);
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
);
