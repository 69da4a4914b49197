import { Hono } from 'hono';
import * as z from 'zod';
import { sha256 } from '../migrations/digest.ts';
import {
  type Envelope,
  type Evidence,
  EvidenceName,
  evidenceFileKey,
  evidenceKey,
} from '../policy/promotion/statements.ts';
import { callerOf, failed, forbidden, invalid } from './iam-caller.ts';

type Surroundings = {
  service: string;
  environment: string;
  account: string;
  now: () => Date;
  /** Counts the words on a check of a bundle. */
  count(digest: string, name: string): Promise<number>;
  sign(evidence: Evidence): Promise<Envelope>;
  write(key: string, value: unknown): Promise<unknown>;
};

/**
 * Takes what somebody has to say of a bundle, as `lockstep attest` sends it: who says so is whom IAM has proven, not what
 * they say of themselves, and the environment's key signs it. Whose word counts for what is up to the gate that asks.
 */
export const evidenceApi = (surroundings: () => Surroundings): Hono => {
  const app = new Hono();
  app.post('/bundles/:digest/evidence/:name', async (context) => {
    const caller = callerOf(context);
    if (!caller) return forbidden(context);
    const said = await context.req.json().catch(() => null);
    const body = Said.safeParse({ ...said, digest: context.req.param('digest'), name: context.req.param('name') });
    if (!body.success) return invalid(context, body.error);
    const { service, environment, account, now, count, sign, write } = surroundings();
    const { digest, name, result, url, file } = body.data;
    const hash = file && sha256(Buffer.from(file.content, 'base64'));
    const evidence: Evidence = {
      ...{ kind: 'evidence', version: 1, service, environment, account, digest, name, result, url },
      sequence: await count(digest, name),
      ...{ by: caller.arn, at: now().toISOString() },
      file: file && { name: file.name, sha256: hash!, bytes: Buffer.from(file.content, 'base64').length },
    };
    if (file) await write(evidenceFileKey(digest, hash!), { content: file.content });
    await write(evidenceKey(digest, name), await sign(evidence));
    return context.json({ evidence });
  });
  app.onError(failed);
  return app;
};

/** A file passes through API Gateway and Lambda, which take 6 MB, in base64. */
export const MOST_BYTES = 2 * 2 ** 20;

const Said = z.strictObject({
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'a bundle digest is 64 hexadecimal digits'),
  name: EvidenceName,
  result: z.enum(['passed', 'failed']).default('passed'),
  url: z
    .string()
    .refine(
      (it) =>
        /^[\w.-]{1,100}$/.test(it) || (it.length <= 2000 && z.url({ protocol: /^https?$/ }).safeParse(it).success),
      'an address (https://…, at most 2,000 characters), or the number of a ticket (letters, digits, _, . and -)',
    )
    .nullable()
    .default(null),
  file: z
    .strictObject({
      name: z.string().regex(/^[\w][\w .()+-]{0,150}$/, 'a plain file name'),
      content: z.base64().max(Math.ceil(MOST_BYTES / 3) * 4, `at most ${MOST_BYTES} bytes`),
    })
    .nullable()
    .default(null),
});
