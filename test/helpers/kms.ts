import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { type KMSClient, SignCommand, VerifyCommand } from '@aws-sdk/client-kms';

/** KMS with a key for every name that it is asked for. */
export const memoryKms = () => {
  const keys = new Map<string, KeyObject>();
  const keyOf = (id = ''): KeyObject => {
    const made = keys.get(id) ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    keys.set(id, made);
    return made;
  };
  const send = async (command: unknown) => {
    if (command instanceof SignCommand)
      return { Signature: sign('sha256', command.input.Message!, keyOf(command.input.KeyId)) };
    if (!(command instanceof VerifyCommand)) throw new Error('this KMS only signs and verifies');
    const { KeyId, Message, Signature } = command.input;
    if (verify('sha256', Message!, keyOf(KeyId), Signature!)) return { SignatureValid: true };
    throw Object.assign(new Error(''), { name: 'KMSInvalidSignatureException' });
  };
  return { send, client: { send } as unknown as Pick<KMSClient, 'send'> };
};
