import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { stateFile } from '../protocol/state-file.ts';
import type { Place } from '../service.ts';

export type SecretVersion = { id: string; string?: string; binary?: string; stages: string[]; created: string };
export type Secret = {
  arn: string;
  name: string;
  description?: string;
  created: string;
  changed: string;
  versions: SecretVersion[];
};
export type Vault = ReturnType<typeof vault>;

/** All secrets of the account, in one file of mode 0600. */
export const vault = ({ place, clock, file }: { place: Place; clock: Clock; file: string }) => {
  const disk = stateFile<Secret[]>(file, []);
  const secrets = disk.read();

  const lookUp = (id: string) =>
    secrets.find(({ arn, name }) => arn === id || name === id) ??
    // A partial ARN is one without the hyphen and the six random characters at its end.
    secrets.find(({ arn }) => id.startsWith('arn:') && arn.slice(0, -7) === id);

  const add = (secret: Secret, value: { string?: string; binary?: string }, token: string = randomUUID()) => {
    const standing = secret.versions.find(({ id }) => id === token);
    if (standing && (standing.string !== value.string || standing.binary !== value.binary)) {
      throw new AwsError(
        'ResourceExistsException',
        `A version with the id ${token} exists already, with another value.`,
      );
    }
    if (standing) return standing;
    const now = clock.now().toISOString();
    const version = { id: token, ...value, stages: ['AWSCURRENT'], created: now };
    const former = secret.versions.find(({ stages }) => stages.includes('AWSCURRENT'));
    for (const it of secret.versions) it.stages = it === former ? ['AWSPREVIOUS'] : [];
    secret.versions = [version, ...secret.versions.filter(({ stages }) => stages.length > 0)];
    secret.changed = now;
    disk.write(secrets);
    return version;
  };

  const find = (id: string) => {
    const found = lookUp(id);
    if (found) return found;
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  };

  return {
    all: () => [...secrets],
    has: (id: string) => lookUp(id) !== undefined,
    find,
    add: (id: string, value: { string?: string; binary?: string }, token?: string) => add(find(id), value, token),
    create(name: string, value: { string?: string; binary?: string }, description?: string, token?: string) {
      if (!/^[\w/+=.@-]{1,512}$/.test(name)) throw new AwsError('InvalidParameterException', `Invalid name "${name}".`);
      if (secrets.some((it) => it.name === name)) {
        throw new AwsError(
          'ResourceExistsException',
          `The operation failed because the secret ${name} already exists.`,
        );
      }
      const arn = `arn:${place.partition}:secretsmanager:${place.region}:${place.account}:secret:${name}-${suffix()}`;
      const now = clock.now().toISOString();
      const secret: Secret = {
        arn,
        name,
        created: now,
        changed: now,
        versions: [],
        ...(description ? { description } : {}),
      };
      secrets.push(secret);
      if (value.string !== undefined || value.binary !== undefined) add(secret, value, token);
      else disk.write(secrets);
      return secret;
    },
    /** The current secret string by name or ARN: what the local databases read their password from. */
    value(id: string): string {
      const current = find(id).versions.find(({ stages }) => stages.includes('AWSCURRENT'));
      if (current?.string !== undefined) return current.string;
      throw new AwsError('ResourceNotFoundException', `The secret ${id} has no string value.`);
    },
  };
};

const suffix = () => [...randomBytes(6)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
