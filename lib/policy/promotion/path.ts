import * as z from 'zod';
import { failure } from '../../failure.ts';
import { EvidenceName } from './statements.ts';

/** A check that has to be attested before a bundle may go on. */
export const RequiredEvidence = z.strictObject({
  name: EvidenceName,
  /** ARNs of those whose word counts: users, roles, sessions of roles; null for whoever IAM lets attest. */
  by: z.array(z.string()).min(1).nullable(),
  /** What its address has to match as a whole, or the last part of it. */
  matching: z.string().nullable(),
  /** The environment in which it has to be attested; null for this one, or one before it. */
  in: z.string().nullable(),
});

export type RequiredEvidence = z.infer<typeof RequiredEvidence>;

/** A way by which a bundle comes to an environment. */
export const Path = z.strictObject({
  name: EvidenceName,
  /** Environments in which it has to have succeeded, and for how many seconds it has to have stood in each. */
  after: z.array(z.strictObject({ environment: z.string(), soak: z.int().min(0) })).min(1),
  evidence: z.array(RequiredEvidence),
  /** Approvals that are asked for at least, and of whom; null for what the policy says anyway. */
  approvals: z.int().min(1).nullable(),
  by: z.array(z.string()).min(1).nullable(),
  /** Seconds for which a run that was started by itself waits for what is missing; null where none is. */
  patience: z.int().min(0).nullable(),
});

export type Path = z.infer<typeof Path>;

/** How bundles come to an environment; the first path is taken unless another is named. */
export const Promotion = z.strictObject({ paths: z.array(Path).min(1) });

export type Promotion = z.infer<typeof Promotion>;

/** Where the environments of the paths, and this one itself, are. */
export const Place = z.strictObject({
  account: z.string(),
  region: z.string(),
  bucket: z.string(),
  /** ARNs of keys or of their aliases. */
  attestations: z.string(),
  evidence: z.string(),
});

export type Place = z.infer<typeof Place>;

/** A bundle lacks what it takes to come here. */
export const PromotionRefused = failure(
  'PromotionRefused',
  (it: { environment: string; digest: string; path: string; missing: string[] }) =>
    `Bundle ${it.digest.slice(0, 12)} may not go to ${it.environment} by the path ${it.path}:\n${it.missing.map((line) => `- ${line}`).join('\n')}`,
);

/** The same of what may still come; a run that was started by itself waits. */
export const NotPromotedYet = failure(
  'NotPromotedYet',
  (it: { environment: string; digest: string; path: string; missing: string[] }) =>
    `Bundle ${it.digest.slice(0, 12)} waits for ${it.environment} by the path ${it.path}:\n${it.missing.map((line) => `- ${line}`).join('\n')}`,
);
