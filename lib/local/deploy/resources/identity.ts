import { z } from 'zod';
import { uniqueId } from '../../iam/unique-id.ts';
import { UnresolvableTemplate } from '../../template/template.ts';
import { policyDocument } from '../policy-document.ts';
import { type Context, ignored, number, type Resource, resource } from '../resource.ts';

const document = policyDocument('identity');

export const role: Resource = resource(
  {
    RoleName: z.string().optional(),
    Path: z.string().default('/'),
    AssumeRolePolicyDocument: policyDocument('trust'),
    Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: document })).default([]),
    ManagedPolicyArns: z.array(z.string()).default([]),
    Description: ignored,
    MaxSessionDuration: number.min(3600).max(43_200).optional(),
  },
  (it, context) => {
    const { services, name } = context;
    for (const arn of it.ManagedPolicyArns) checkManagedPolicy(arn, context);
    const { AssumeRolePolicyDocument: trust, MaxSessionDuration: most } = it;
    const made = services.roles.create(it.RoleName ?? name(64), it.Path, trust, most);
    for (const { PolicyName, PolicyDocument } of it.Policies) made.policies.set(PolicyName, PolicyDocument);
    for (const arn of it.ManagedPolicyArns) made.managedPolicies.add(arn);
    return { ref: made.name, attributes: { Arn: made.arn, RoleId: uniqueId('AROA', made.arn) } };
  },
);

/** One that says more than is known here would allow more on AWS than here, or deny it. */
const checkManagedPolicy = (arn: string, { services, stack, logicalId }: Context) => {
  if (services.roles.knowsManagedPolicy(arn)) return;
  const problem = `the local cloud doesn't know what ${arn} says. Give the role a policy with the statements it needs.`;
  throw new UnresolvableTemplate({ stack, path: `${logicalId}.Properties.ManagedPolicyArns`, problem });
};

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
