import * as z from 'zod';
import { sha256 } from '../../migrations/digest.ts';

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const at = z.iso.datetime();

/** Where something was said. */
const Where = { service: z.string(), environment: z.string(), account: z.string(), digest: Digest };

/**
 * What an environment says of a bundle after a run of it. Of several, the one with the highest fencing token holds: a
 * later run, one that took it back or a restore has a higher one, whatever is put in its place.
 */
export const Attestation = z.strictObject({
  kind: z.literal('attestation'),
  version: z.literal(1),
  ...Where,
  run: z.string(),
  plan: z.string().nullable(),
  token: z.int(),
  /** `failed`, `reverted` and `restored` take back what was said before. */
  standing: z.enum(['succeeded', 'failed', 'reverted', 'restored']),
  because: z.string().nullable(),
  /** No cluster was left out, and every database has all of it. */
  wholeFleet: z.boolean(),
  databases: z.int(),
  verdicts: z.record(z.string(), z.int()),
  /** Of the schema that all databases show; null where they don't show one. */
  fingerprint: z.string().nullable(),
  startedAt: at,
  endedAt: at,
  /** Since when the bundle has stood there. */
  since: at,
  requestedBy: z.string(),
  approvedBy: z.array(z.string()),
  /** Of work in all databases together, and what each migration took where that was longest; of thousands the slowest. */
  milliseconds: z.number(),
  migrations: z.array(z.strictObject({ id: z.string(), milliseconds: z.number() })),
  /** How long its last whole wave took, of how many rounds and turns; null where there was none. */
  pace: z.strictObject({ seconds: z.number(), rounds: z.number(), turns: z.number() }).nullable(),
});

export type Attestation = z.infer<typeof Attestation>;

/** The name of a check: `e2e`, `change-ticket`. */
export const EvidenceName = z
  .string()
  .regex(/^[a-z](-?[a-z0-9])*$/, 'lower case letters, digits and single hyphens, beginning with a letter')
  .max(40);

/** What somebody whom IAM has proven says of a bundle. Of several, the one that the environment counted last holds. */
export const Evidence = z.strictObject({
  kind: z.literal('evidence'),
  version: z.literal(1),
  ...Where,
  name: EvidenceName,
  /** Grows with each word on the check. No clock is trusted: two functions have two. */
  sequence: z.int().min(1),
  result: z.enum(['passed', 'failed']),
  /** The ARN of who said it. */
  by: z.string(),
  at,
  url: z.string().nullable(),
  file: z.strictObject({ name: z.string(), sha256: Digest, bytes: z.int() }).nullable(),
});

export type Evidence = z.infer<typeof Evidence>;

/**
 * What lies in the bucket: the statement as it was signed, byte by byte, and the signature, in base64. KMS refuses to
 * look at one of no bytes or of more than 6,144.
 */
export const Envelope = z.strictObject({ statement: z.string(), signature: z.base64().min(4).max(8192) });

export type Envelope = z.infer<typeof Envelope>;

/**
 * What a key signs: the kind is part of it, so that no signature of one kind serves as one of the other, and the
 * statement's hash, since KMS signs no more than 4,096 bytes.
 */
export const signedMessage = (kind: 'attestation' | 'evidence', statement: string): Buffer =>
  Buffer.from(`lockstep ${kind} 1\n${sha256(statement)}`);

/** Where in an environment's bucket attestations and evidence of a bundle lie, every version of them. */
export const attestationKey = (digest: string): string => `attestations/${digest}.json`;
export const evidenceKey = (digest: string, name: string): string => `evidence/${digest}/${name}.json`;
/** Files that belong to evidence, by what is in them. */
export const evidenceFileKey = (digest: string, hash: string): string => `evidence/${digest}/files/${hash}`;
