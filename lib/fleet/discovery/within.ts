import * as z from 'zod';

const pattern = (letters: RegExp, of: string) =>
  z
    .string()
    .max(512)
    .regex(letters, `${of}, with * for any; it begins with three characters that are not *, or it would bound nothing`);

/**
 * What a pipeline may reach whose clusters are not known at deployment: patterns of names, which become those of IAM
 * policies. A `*` stands for any number of characters.
 */
export const Within = z.strictObject({
  clusters: z
    .array(pattern(/^[a-z][a-z0-9-]{2}[a-z0-9*-]*$/, 'letters a-z, digits and hyphens'))
    .min(1, 'name at least one pattern')
    .max(50, 'at most 50 patterns'),
  secrets: z
    .array(pattern(/^[\w/+=.@!-]{3}[\w/+=.@!*-]*$/, 'letters, digits and /_+=.@!-'))
    .min(1, 'name at least one pattern')
    .max(50, 'at most 50 patterns'),
});

export type Within = z.infer<typeof Within>;

/** An account in a region, where clusters and secrets are. */
export type Where = { partition: string; region: string; account: string };

/** What keeps a cluster and its secret from being reached, in sentences. */
export const outside = (within: Within, it: { cluster: string; secret: string }, where: Where): string[] => [
  ...(within.clusters.some((pattern) => matches(pattern, it.cluster))
    ? []
    : [
        `is not among what this pipeline may reach (within.clusters: ${within.clusters.join(', ')}). Take it out of the fleet, or add its name there and deploy.`,
      ]),
  ...secretOutside(within, it.secret, where),
];

const secretOutside = ({ secrets }: Within, secret: string, where: Where): string[] => {
  const name = nameIn(secret, where);
  if (name === null) {
    return [
      `has its secret in another account or region: ${secret}. Name one of account ${where.account} in ${where.region}.`,
    ];
  }
  return secrets.some((pattern) => matches(pattern, name))
    ? []
    : [
        `has a secret that is not among what this pipeline may read (within.secrets: ${secrets.join(', ')}): ${name}. Name another secret, or add this one there and deploy.`,
      ];
};

/** As IAM reads a pattern. */
const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 's').test(name);

const escaped = (text: string): string => text.replaceAll(/[^\w]/g, '\\$&');

/** A secret's ARN ends in a hyphen and six characters that are not of its name. Null for one that is elsewhere. */
const nameIn = (secret: string, { partition, region, account }: Where): string | null => {
  if (!secret.startsWith('arn:')) return secret;
  const here = `arn:${partition}:secretsmanager:${region}:${account}:secret:`;
  return secret.startsWith(here) ? secret.slice(here.length, -7) : null;
};
