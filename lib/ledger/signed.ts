import { type KMSClient, SignCommand, VerifyCommand } from '@aws-sdk/client-kms';
import { canonical } from '../migrations/digest.ts';
import type { Readings } from '../policy/promotion/readings.ts';
import { type Attestation, Envelope, type Evidence, signedMessage } from '../policy/promotion/statements.ts';
import { isMissing } from './objects.ts';
import { inGroups, type Versions } from './versions.ts';

type Kms = Pick<KMSClient, 'send'>;

const SigningAlgorithm = 'ECDSA_SHA_256' as const;

/** A statement with the signature of an environment's key over it. */
export const sign = async (client: Kms, KeyId: string, it: Attestation | Evidence): Promise<Envelope> => {
  const statement = canonical(it);
  const Message = signedMessage(it.kind, statement);
  const { Signature } = await client.send(new SignCommand({ KeyId, Message, MessageType: 'RAW', SigningAlgorithm }));
  return { statement, signature: Buffer.from(Signature ?? []).toString('base64') };
};

/**
 * Every version of a statement, with what KMS says of its signature. KMS verifies, and not a copy of the public key: a
 * key that its account disables vouches for nothing from that moment on, and both accounts' trails show who asked.
 */
export const readSigned = async (
  versions: Versions,
  client: Kms,
  { key, keyId, kind }: { key: string; keyId: string; kind: 'attestation' | 'evidence' },
): Promise<Readings> => {
  const verified = async ({ version, text }: { version: string; text: string | null }) => {
    if (text === null) return { version, statement: null, flaw: 'it was deleted' };
    const parsed = Envelope.safeParse(json(text));
    if (!parsed.success) return { version, statement: null, flaw: 'it is no signed statement' };
    const { statement, signature } = parsed.data;
    const flaw = (await isGenuine(client, { keyId, kind, statement, signature }))
      ? null
      : `its signature is not that of ${keyId}: it was edited, or signed with another key`;
    return { version, statement: flaw === null ? json(statement) : null, flaw };
  };
  try {
    return { versions: await inGroups(await versions(key), verified) };
  } catch (error) {
    // Whoever may not read it is told why nothing is known, with what else is missing.
    if (isRefused(error)) return { unreadable: `${key} can't be read or verified: ${(error as Error).message}` };
    throw error;
  }
};

const isGenuine = async (
  client: Kms,
  it: { keyId: string; kind: 'attestation' | 'evidence'; statement: string; signature: string },
): Promise<boolean> => {
  try {
    const { SignatureValid } = await client.send(
      new VerifyCommand({
        ...{ KeyId: it.keyId, Message: signedMessage(it.kind, it.statement), MessageType: 'RAW', SigningAlgorithm },
        Signature: Buffer.from(it.signature, 'base64'),
      }),
    );
    return SignatureValid === true;
  } catch (error) {
    if (error instanceof Error && error.name === 'KMSInvalidSignatureException') return false;
    throw error;
  }
};

/** Refusals that lie in how the environments are set up, not in the moment. */
const isRefused = (error: unknown): boolean =>
  isMissing(error) || (error instanceof Error && REFUSALS.test(error.name));

const REFUSALS =
  /^(AccessDenied(Exception)?|NoSuchBucket|NotFoundException|DisabledException|KMSInvalidStateException|InvalidKeyUsageException|TooManyVersions)$/;

/** Undefined for what is none, which no schema takes. */
const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
