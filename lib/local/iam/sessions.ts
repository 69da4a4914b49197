import type { Place } from '../service.ts';

/** As AWS names who calls with a role's temporary credentials: `arn:aws:sts::<account>:assumed-role/<role>/<session>`. */
export const sessionArn = ({ partition, account }: Place, roleArn: string, session: string): string =>
  `arn:${partition}:sts::${account}:assumed-role/${roleArn.split('/').at(-1)}/${session}`;

/** The name of the role whose session calls; undefined for users and for the account's root. */
export const roleOf = (principal: string): string | undefined => /:assumed-role\/([^/]+)\//.exec(principal)?.[1];

/** The name of the session. */
export const sessionOf = (principal: string): string | undefined => /:assumed-role\/[^/]+\/(.+)$/.exec(principal)?.[1];

/** The name of the IAM user who calls; undefined for sessions of roles and for the account's root. */
export const userOf = (principal: string): string | undefined =>
  /:iam::\d+:user\/(?:.*\/)?([^/]+)$/.exec(principal)?.[1];
