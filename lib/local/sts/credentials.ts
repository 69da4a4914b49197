import { randomBytes } from 'node:crypto';
import { sessionArn } from '../iam/sessions.ts';
import { base32, uniqueId } from '../iam/unique-id.ts';
import type { Place } from '../service.ts';

export type AccessKey = { accessKeyId: string; secretAccessKey: string };
export type Credentials = AccessKey & { sessionToken: string };

/** Whose an access key is, and what proves it. */
export type Holder = {
  /** The ARN of the session, of the user, or of the account's root. */
  principal: string;
  /** As GetCallerIdentity tells it: `AROA…:<session>`, `AIDA…`, or the account of its root. */
  userId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** When temporary credentials cease. Those of functions don't: Lambda renews them in time. */
  expires?: Date;
};
export type Keys = ReturnType<typeof credentials>;

/** All access keys that this cloud has given out. They are known for as long as it stands. */
export const credentials = (place: Place) => {
  const holders = new Map<string, Holder>();
  const ofFunctions = new Map<string, Credentials>();
  const root = `arn:${place.partition}:iam::${place.account}:root`;
  // These are nobody's on AWS, so that a mistaken call to AWS itself could do no harm.
  const owner: AccessKey = { accessKeyId: 'local', secretAccessKey: 'local' };
  holders.set(owner.accessKeyId, { principal: root, userId: place.account, secretAccessKey: owner.secretAccessKey });

  const issue = (prefix: 'ASIA' | 'AKIA', holder: Omit<Holder, 'secretAccessKey'>): AccessKey => {
    const accessKeyId = prefix + [...randomBytes(16)].map(base32).join('');
    const secretAccessKey = randomBytes(30).toString('base64');
    holders.set(accessKeyId, { ...holder, secretAccessKey });
    return { accessKeyId, secretAccessKey };
  };
  const temporary = (roleArn: string, session: string, expires?: Date): Credentials => {
    const sessionToken = randomBytes(96).toString('base64');
    const principal = sessionArn(place, roleArn, session);
    const holder = { principal, userId: `${uniqueId('AROA', roleArn)}:${session}`, sessionToken };
    return { ...issue('ASIA', { ...holder, ...(expires ? { expires } : {}) }), sessionToken };
  };
  return {
    root,
    /** What a user's tools are set to: the account's owner. */
    owner,
    /** Those of a function, whose session has its name; the same at every call. */
    of(roleArn: string, session: string): Credentials {
      const name = sessionArn(place, roleArn, session);
      const known = ofFunctions.get(name) ?? temporary(roleArn, session);
      ofFunctions.set(name, known);
      return known;
    },
    /** Those of one who has assumed the role; other ones at every call. */
    temporary,
    /** A user's own, which last. */
    accessKey: (userArn: string): AccessKey => issue('AKIA', { principal: userArn, userId: uniqueId('AIDA', userArn) }),
    holder: (accessKeyId: string): Holder | undefined => holders.get(accessKeyId),
    /** Whose key it is; one that nobody was given is the account's owner's. */
    principal: (accessKeyId: string): string => holders.get(accessKeyId)?.principal ?? root,
    userId: (principal: string): string =>
      [...holders.values()].find((it) => it.principal === principal)?.userId ?? place.account,
  };
};
