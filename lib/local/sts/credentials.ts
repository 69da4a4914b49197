import { randomBytes } from 'node:crypto';
import type { Place } from '../service.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken: string };

/** Temporary credentials of roles: a key pair per role and cloud, and whom an access key belongs to. */
export const credentials = ({ partition, account }: Place) => {
  const byRole = new Map<string, Credentials>();
  const roles = new Map<string, string>();
  const root = `arn:${partition}:iam::${account}:root`;
  return {
    root,
    of(roleArn: string): Credentials {
      const known = byRole.get(roleArn);
      if (known) return known;
      const made = {
        accessKeyId: `ASIA${[...randomBytes(16)].map((byte) => BASE32[byte % 32]).join('')}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(96).toString('base64'),
      };
      byRole.set(roleArn, made);
      roles.set(made.accessKeyId, roleArn);
      return made;
    },
    /** The role an access key was made for; everyone else is the account's owner. */
    principal: (accessKeyId: string) => roles.get(accessKeyId) ?? root,
  };
};

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
