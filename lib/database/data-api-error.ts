/**
 * What a failed Data API call tells about the SQL it carried.
 *
 * - `database`: PostgreSQL answered with an error; the statement had no effect.
 * - `not run`: the request was turned away before any SQL ran; safe to repeat whatever it was.
 * - `running`: the call's 45 s are over and the statement goes on.
 * - `unknown`: no answer came; the statement may have run, may be running, may never run.
 * - `refused`: wrong or not permitted; repeating won't help.
 */
export type Verdict =
  | { verdict: 'database'; sqlstate: string; message: string }
  | { verdict: 'not run' | 'running' | 'unknown' | 'refused'; message: string };

/** Matched by name: codes that the SDK has no class for arrive as its base class with only the name set. */
export const verdictOf = (error: unknown): Verdict => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === 'StatementTimeoutException') return { verdict: 'running', message };
  if (NOT_RUN.has(name)) return { verdict: 'not run', message };
  if (name === 'DatabaseErrorException' || name === 'BadRequestException') return databaseError(name, message);
  if (REFUSED.has(name)) return { verdict: 'refused', message: `${name}: ${message}` };
  return { verdict: 'unknown', message: `${name}: ${message}` };
};

const NOT_RUN = new Set(['DatabaseResumingException', 'ThrottlingException', 'TooManyRequestsException']);

const REFUSED = new Set([
  'AccessDeniedException',
  'ForbiddenException',
  'DatabaseNotFoundException',
  'HttpEndpointNotEnabledException',
  'InvalidResourceStateException',
  'InvalidSecretException',
  'NotFoundException',
  'RequestEntityTooLargeException',
  'SecretsErrorException',
  'TransactionNotFoundException',
  'UnsupportedResultException',
  'ValidationException',
]);

/**
 * Aurora writes `ERROR: relation "x" does not exist; Position: 15; SQLState: 42P01`. The message may hold anything,
 * so it is read from the right. Detail is dropped: it shows values of rows.
 */
const databaseError = (name: string, text: string): Verdict => {
  const sqlstate = [...text.matchAll(/SQLState:\s*([0-9A-Z]{5})/gi)].at(-1)?.[1];
  if (sqlstate === undefined) return { verdict: 'refused', message: `${name}: ${text}` };
  const message = text
    .replace(/;\s*SQLState:[^;]*$/i, '')
    .replace(/;\s*Position:\s*\d+\s*$/, '')
    .replace(/;\s*(Where|Hint):(?:(?!;\s*(Where|Hint|Detail):).)*$/s, '')
    .replace(/;\s*Detail:.*$/s, '')
    .replace(/^(ERROR|FATAL|PANIC):\s*/, '');
  return { verdict: 'database', sqlstate, message };
};
