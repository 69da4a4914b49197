import { z } from 'zod';
import { randomString } from '../random-string.ts';
import { boolean, ignored, number, type Resource, resource } from '../resource.ts';

export const parameter: Resource = resource(
  {
    Name: z.string().optional(),
    Type: z.enum(['String', 'StringList']),
    Value: z.string(),
    Description: z.string().optional(),
    Tier: ignored,
    DataType: z.literal('text').optional(),
    AllowedPattern: ignored,
  },
  ({ Name, Type, Value, Description }, { services, name }) => {
    const made = services.parameters.put(
      {
        name: Name ?? `CFN-${name(200)}`,
        type: Type,
        value: Value,
        ...(Description ? { description: Description } : {}),
      },
      true,
    );
    return { ref: made.name, attributes: { Type, Value } };
  },
);

/** A secret that stands already keeps its value: what was generated must not change under those who use it. */
export const secret: Resource = resource(
  {
    Name: z.string().optional(),
    SecretString: z.string().optional(),
    GenerateSecretString: z
      .strictObject({
        SecretStringTemplate: z.string().optional(),
        GenerateStringKey: z.string().optional(),
        PasswordLength: number.default(32),
        ExcludeCharacters: z.string().default(''),
        ExcludeLowercase: boolean.default(false),
        ExcludeUppercase: boolean.default(false),
        ExcludeNumbers: boolean.default(false),
        ExcludePunctuation: boolean.default(false),
        IncludeSpace: boolean.default(false),
        RequireEachIncludedType: boolean.default(true),
      })
      .optional(),
    Description: z.string().optional(),
    KmsKeyId: ignored,
  },
  (it, { services: { vault }, name }) => {
    const secretName = it.Name ?? name(512);
    const standing = vault.has(secretName) ? vault.find(secretName) : undefined;
    if (standing && it.SecretString !== undefined && vault.value(secretName) !== it.SecretString) {
      vault.add(secretName, { string: it.SecretString });
    }
    const { arn } =
      standing ??
      vault.create(secretName, { string: it.SecretString ?? generated(it.GenerateSecretString) }, it.Description);
    return { ref: arn, attributes: { Id: arn } };
  },
);

const generated = (
  it: Parameters<typeof randomString>[0] & {
    SecretStringTemplate?: string | undefined;
    GenerateStringKey?: string | undefined;
  } = {},
) => {
  const password = randomString(it);
  if (!it.SecretStringTemplate || !it.GenerateStringKey) return password;
  return JSON.stringify({ ...JSON.parse(it.SecretStringTemplate), [it.GenerateStringKey]: password });
};
