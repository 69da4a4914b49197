import type { Context } from 'hono';
import type * as z from 'zod';
import { isExpected } from '../failure.ts';
import type { Identity } from '../policy/approval-policy.ts';

/** Set by API Gateway alone, after its IAM authorizer has let the request through. */
export const callerOf = (context: Context): (Identity & { channel: 'iam' }) | null => {
  const event = context.env?.event as { requestContext?: { authorizer?: { iam?: { userArn?: unknown } } } } | undefined;
  const arn = event?.requestContext?.authorizer?.iam?.userArn;
  return typeof arn === 'string' && arn.startsWith('arn:') ? { channel: 'iam', arn } : null;
};

export const forbidden = (context: Context) =>
  context.json({ error: 'Forbidden', message: 'This is for callers whom IAM has authorized.' }, 403);

export const invalid = (context: Context, { issues }: z.ZodError) =>
  context.json(
    { error: 'InvalidRequest', message: issues.map((it) => `${it.path.join('.')}: ${it.message}`).join('; ') },
    400,
  );

export const failed = (error: Error, context: Context) => {
  console.error(JSON.stringify({ level: 'ERROR', error: error.name, message: error.message }));
  if (isExpected(error)) return context.json({ error: error.name, message: error.message }, 503);
  const message = 'Something went wrong. Nothing is known to have been decided: ask again to see.';
  return context.json({ error: 'InternalError', message }, 500);
};
