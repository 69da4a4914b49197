import { randomBytes } from 'node:crypto';
import { sessionArn } from '../iam/sessions.ts';
import type { Place } from '../service.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken: string };

/** Temporary credentials of roles: a key pair per session and cloud, and whom an access key belongs to. */
export const credentials = (place: Place) => {
  const bySession = new Map<string, Credentials>();
  const sessions = new Map<string, string>();
  const root = `arn:${place.partition}:iam::${place.account}:root`;
  return {
    root,
    /** Those of one who has assumed the role; a function's session has the function's name. */
    of(roleArn: string, session: string): Credentials {
      const arn = sessionArn(place, roleArn, session);
      const known = bySession.get(arn);
      if (known) return known;
      const made = {
        accessKeyId: `ASIA${[...randomBytes(16)].map((byte) => BASE32[byte % 32]).join('')}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(96).toString('base64'),
      };
      bySession.set(arn, made);
      sessions.set(made.accessKeyId, arn);
      return made;
    },
    /** The session an access key was made for; everyone else is the account's owner. */
    principal: (accessKeyId: string) => sessions.get(accessKeyId) ?? root,
  };
};

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
