import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { stateFile } from '../protocol/state-file.ts';
import type { Place } from '../service.ts';
import { uuidOf } from '../uuid.ts';

/** A key pair for ECDSA on P-256; what signs never leaves the file. */
export type SigningKey = { id: string; arn: string; description: string; created: string; privateKey: string };

type State = { keys: SigningKey[]; aliases: Record<string, string> };

export type SigningKeys = ReturnType<typeof signingKeys>;

/** The asymmetric keys of an account, and the aliases that name keys. Nothing is ever deleted. */
export const signingKeys = ({ place, clock, file }: { place: Place; clock: Clock; file: string }) => {
  const stored = stateFile<State>(file, { keys: [], aliases: {} });
  const state = stored.read();
  const arnOf = (resource: string) => `arn:${place.partition}:kms:${place.region}:${place.account}:${resource}`;

  /** The key's ARN that an id, an ARN, an alias or the ARN of an alias means; undefined for none that is here. */
  const resolve = (id: string): string | undefined => {
    const own = arnOf('');
    const name = id.startsWith('arn:') ? (id.startsWith(own) ? id.slice(own.length) : undefined) : id;
    if (name === undefined) return undefined;
    const keyId = name.startsWith('alias/') ? state.aliases[name] : name.replace(/^key\//, '');
    return state.keys.find((it) => it.id === keyId)?.arn;
  };
  return {
    /** Makes the key of a template's resource, or gives the one that it made before. */
    ensure(name: string, description: string): SigningKey {
      const id = uuidOf(`${place.account}/${name}`);
      const known = state.keys.find((it) => it.id === id);
      if (known) return known;
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const made: SigningKey = {
        ...{ id, arn: arnOf(`key/${id}`), description, created: clock.now().toISOString() },
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
      state.keys.push(made);
      stored.write(state);
      return made;
    },
    alias(name: string, target: string): void {
      state.aliases[name] = target.split('/').at(-1)!;
      stored.write(state);
    },
    resolve,
    /** @throws NotFoundException in KMS's words */
    find(id: string): { arn: string; pair: KeyObject; publicKey: Buffer } {
      const arn = resolve(id);
      const found = state.keys.find((it) => it.arn === arn);
      if (!found) throw notFound(id, arnOf);
      const pair = createPrivateKey(found.privateKey);
      const publicKey = createPublicKey(found.privateKey).export({ type: 'spki', format: 'der' });
      return { arn: found.arn, pair, publicKey };
    },
  };
};

const notFound = (id: string, arnOf: (resource: string) => string) => {
  const named = /(^|:)alias\//.test(id);
  const arn = id.startsWith('arn:') ? id : arnOf(named ? id : `key/${id}`);
  return new AwsError('NotFoundException', named ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`);
};
