import * as z from 'zod';

/**
 * By what a secret may be named: both end up in IAM policies, where a wildcard or a part of an ARN would mean other
 * secrets, or none. The exclamation mark is in the names of those that RDS manages.
 */
export const SecretName = z.union(
  [
    z.string().regex(/^[\w/+=.@!-]{1,512}$/),
    z.string().regex(/^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@!-]{1,512}-[A-Za-z0-9]{6}$/),
  ],
  'the name of a secret (letters, digits and /_+=.@!-) or its complete ARN',
);
