import { sign, verify } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { jsonService, operation } from '../protocol/json.ts';
import type { Service } from '../service.ts';
import type { SigningKeys } from './keys.ts';

const ALGORITHM = 'ECDSA_SHA_256';

const KeyId = z.string().min(1).max(2048);
/** In JSON, KMS takes and gives bytes in base64. */
const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const signing = {
  KeyId,
  Message: bytes,
  MessageType: z.literal('RAW', 'the local cloud signs messages, not digests of them').default('RAW'),
  SigningAlgorithm: z.string(),
};

/**
 * AWS KMS (JSON 1.1), as far as keys that sign go: ECDSA on P-256 with SHA-256. It makes none by itself; templates do.
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export const kms = (keys: SigningKeys): Service =>
  jsonService('TrentService', {
    Sign: operation(z.strictObject(signing), ({ KeyId, ...it }) => {
      const key = keys.find(KeyId);
      check(it, key.arn);
      const Signature = sign('sha256', it.Message, key.pair).toString('base64');
      return { KeyId: key.arn, Signature, SigningAlgorithm: ALGORITHM };
    }),
    Verify: operation(z.strictObject({ ...signing, Signature: bytes }), ({ KeyId, Signature, ...it }) => {
      const key = keys.find(KeyId);
      check(it, key.arn);
      ofLength('signature', Signature, 6144);
      // KMS says no more than the name of it.
      if (!verify('sha256', it.Message, key.pair, Signature)) throw new AwsError('KMSInvalidSignatureException', '');
      return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: ALGORITHM };
    }),
    GetPublicKey: operation(z.strictObject({ KeyId }), ({ KeyId }) => {
      const { arn, publicKey } = keys.find(KeyId);
      return {
        ...{ KeyId: arn, PublicKey: publicKey.toString('base64') },
        ...{ KeySpec: 'ECC_NIST_P256', CustomerMasterKeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
        SigningAlgorithms: [ALGORITHM],
      };
    }),
  });

const ofLength = (name: string, { length }: Buffer, most: number): void => {
  if (length > 0 && length <= most) return;
  const problem = `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length between 1 and ${most}`;
  throw new AwsError('ValidationException', problem);
};

const check = ({ Message, SigningAlgorithm }: { Message: Buffer; SigningAlgorithm: string }, arn: string) => {
  ofLength('message', Message, 4096);
  if (SigningAlgorithm !== ALGORITHM) {
    throw new AwsError(
      'InvalidKeyUsageException',
      `Algorithm ${SigningAlgorithm} is incompatible with key spec ECC_NIST_P256 of ${arn}.`,
    );
  }
};
