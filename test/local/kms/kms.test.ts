import { createPublicKey, createVerify } from 'node:crypto';
import { join } from 'node:path';
import { GetPublicKeyCommand, KMSClient, SignCommand, VerifyCommand } from '@aws-sdk/client-kms';
import { expect, onTestFinished, test } from 'vitest';
import { realClock } from '../../../lib/local/clock.ts';
import { openCloud } from '../../../lib/local/cloud.ts';
import { signingKeys } from '../../../lib/local/kms/keys.ts';
import { kms } from '../../../lib/local/kms/kms.ts';
import { assemblyOf, jsonCall, listening, place, temporary } from '../cloud-harness.ts';

const Message = Buffer.from('this digest succeeded');
const SigningAlgorithm = 'ECDSA_SHA_256' as const;

const opened = async () => {
  const file = join(temporary(), 'kms.json');
  const keys = signingKeys({ place, clock: realClock, file });
  const { id, arn } = keys.ensure('Stack/Key', 'signs');
  keys.alias('alias/ours', arn);
  const settings = await listening({ kms: kms(keys) });
  return { id, arn, file, settings, client: new KMSClient(settings) };
};

const signed = (client: KMSClient, KeyId: string) =>
  client.send(new SignCommand({ KeyId, Message, MessageType: 'RAW', SigningAlgorithm }));

test('signs by the id, the ARN, the alias and the ARN of the alias, and names the key by its ARN', async () => {
  const { client, id, arn } = await opened();
  const names = [id, arn, 'alias/ours', 'arn:aws:kms:us-east-1:000000000000:alias/ours'];
  for (const KeyId of names) expect(await signed(client, KeyId)).toMatchObject({ KeyId: arn, SigningAlgorithm });
});

test('verifies what it signed, and what else verifies with the public key that it gives', async () => {
  const { client, arn } = await opened();
  const { Signature } = await signed(client, arn);
  expect(await client.send(new VerifyCommand({ KeyId: arn, Message, Signature, SigningAlgorithm }))).toMatchObject({
    SignatureValid: true,
    KeyId: arn,
  });
  const { PublicKey, KeySpec } = await client.send(new GetPublicKeyCommand({ KeyId: arn }));
  expect(KeySpec).toBe('ECC_NIST_P256');
  const key = createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
  expect(createVerify('sha256').update(Message).verify(key, Signature!)).toBe(true);
});

test.each([
  ['another message', { Message: Buffer.from('another') }, 'KMSInvalidSignatureException'],
  ['another signature', { Signature: Buffer.from('nonsense') }, 'KMSInvalidSignatureException'],
  ['no signature', { Signature: Buffer.alloc(0) }, 'ValidationException'],
  ['a signature that is too long', { Signature: Buffer.alloc(6145) }, 'ValidationException'],
  ['no message', { Message: Buffer.alloc(0) }, 'ValidationException'],
  ['a message that is too long', { Message: Buffer.alloc(4097) }, 'ValidationException'],
  ['a digest', { MessageType: 'DIGEST' as const }, 'ValidationException'],
  ['an algorithm of other keys', { SigningAlgorithm: 'ECDSA_SHA_384' as const }, 'InvalidKeyUsageException'],
  ['a key that is not there', { KeyId: 'alias/theirs' }, 'NotFoundException'],
])('refuses %s', async (_, changed, name) => {
  const { client, arn } = await opened();
  const { Signature } = await signed(client, arn);
  const asked = new VerifyCommand({ KeyId: arn, Message, Signature, SigningAlgorithm, ...changed });
  await expect(client.send(asked)).rejects.toMatchObject({ name });
});

test('a template makes keys that are enabled, and no others', async () => {
  const cloud = await openCloud({ directory: temporary() });
  onTestFinished(() => cloud.stop());
  const deployed = (Enabled: unknown) => {
    const Properties = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', Enabled };
    return cloud.deploy(assemblyOf({ Stack: { Resources: { Key: { Type: 'AWS::KMS::Key', Properties } } } }));
  };
  await deployed('true');
  await expect(deployed(false)).rejects.toThrow(/Key\.Properties.*every key is enabled here/);
});

test('offers no operation that it has not, and makes no keys', async () => {
  const { settings } = await opened();
  expect(await jsonCall(settings.endpoint, 'kms', 'TrentService.CreateKey', {})).toMatchObject({
    status: 400,
    body: { __type: 'UnknownOperationException' },
  });
});

test('gives the same key for the same resource, and keeps it', async () => {
  const { file, arn } = await opened();
  const again = signingKeys({ place, clock: realClock, file });
  expect(again.ensure('Stack/Key', 'signs').arn).toBe(arn);
  expect(again.resolve('alias/ours')).toBe(arn);
});
