import { z } from 'zod';
import { UnresolvableTemplate } from '../../template/template.ts';
import { uuidOf } from '../../uuid.ts';
import { policyDocument } from '../policy-document.ts';
import { boolean, type Context, ignored, type Resource, resource } from '../resource.ts';

/**
 * A key that signs, with its policy; or one that encrypts what is at rest, which is a name only: on this machine the
 * disk's own encryption does.
 */
export const key: Resource = resource(
  {
    KeyPolicy: policyDocument('resource').optional(),
    EnableKeyRotation: boolean.optional(),
    RotationPeriodInDays: ignored,
    PendingWindowInDays: ignored,
    Description: z.string().default(''),
    Enabled: boolean.refine((it) => it, 'every key is enabled here').optional(),
    KeySpec: z.enum(['SYMMETRIC_DEFAULT', 'ECC_NIST_P256']).optional(),
    KeyUsage: z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY']).optional(),
  },
  (it, context) => {
    const { stack, logicalId, arn, services } = context;
    const signs = it.KeySpec === 'ECC_NIST_P256';
    if (signs !== (it.KeyUsage === 'SIGN_VERIFY'))
      throw unfit('a key signs if it is of ECC_NIST_P256, and only then', context);
    if (!signs) {
      const id = uuidOf(`${stack}/${logicalId}`);
      return { ref: id, attributes: { Arn: arn('kms', `key/${id}`), KeyId: id } };
    }
    if (it.EnableKeyRotation) throw unfit('a key that signs has no rotation', context);
    const made = services.keys.ensure(`${stack}/${logicalId}`, it.Description);
    services.resourcePolicies.put(made.arn, it.KeyPolicy?.Statement ?? [everythingForRoot(context)]);
    return { ref: made.id, attributes: { Arn: made.arn, KeyId: made.id } };
  },
);

/** What KMS gives a key that is made without a policy. */
const everythingForRoot = ({ place }: Context) => ({
  ...{ Effect: 'Allow' as const, Action: 'kms:*', Resource: '*' },
  Principal: { AWS: `arn:${place.partition}:iam::${place.account}:root` },
});

const unfit = (problem: string, { stack, logicalId }: Context) =>
  new UnresolvableTemplate({ stack, path: `${logicalId}.Properties`, problem: `${problem}.` });

export const keyAlias: Resource = resource(
  { AliasName: z.string().startsWith('alias/'), TargetKeyId: z.string() },
  ({ AliasName, TargetKeyId }, { services }) => {
    services.keys.alias(AliasName, TargetKeyId);
    return { ref: AliasName };
  },
);
