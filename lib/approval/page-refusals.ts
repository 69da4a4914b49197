import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { RequestContended } from '../ledger/requests.ts';
import type { Decided } from './decide.ts';
import { problemPage } from './page/problem-page.ts';
import { OutcomeNotSent } from './send-outcome.ts';

export const problem = async (context: Context, status: ContentfulStatusCode, title: string, text: string) =>
  context.html(problemPage(title, text), status);

export const notFound = (context: Context) =>
  problem(context, 404, 'No such request', 'This link leads to no approval request. Check that it was copied whole.');

export const readersOnly = (context: Context) =>
  problem(
    context,
    403,
    'Not accepted',
    'By this link one reads. Decide by the link in your own mail, in Slack, or with: lockstep approve',
  );

/** What is approved is one plan, by its digest, and not whatever stands in its place. */
export const planChanged = (context: Context) =>
  problem(
    context,
    409,
    'Not the same plan',
    'The plan is not the one that this request was made for, so it can be neither shown nor approved. Start a new run.',
  );

export const tooMany = (context: Context, seconds: number) => {
  context.header('Retry-After', String(seconds));
  return problem(
    context,
    429,
    'Too often',
    `This link was used too often. Try again in ${Math.ceil(seconds / 60)} min.`,
  );
};

export const wentWrong = (error: Error, context: Context) => {
  console.error(JSON.stringify({ level: 'ERROR', error: error.name, message: error.message }));
  if (error instanceof OutcomeNotSent)
    return problem(context, 502, 'Recorded, but the run has not heard of it', error.message);
  if (error instanceof RequestContended) {
    context.header('Retry-After', '5');
    return problem(context, 503, 'Too many at once', error.message);
  }
  return problem(
    context,
    500,
    'Something went wrong',
    'Nothing is known to have been decided. Open the link again to see.',
  );
};

/** The HTTP status that says of a ballot what became of it. */
export const statusOf = ({ refusal }: Decided): ContentfulStatusCode => {
  switch (refusal?.code) {
    case undefined:
      return 200;
    case 'ReasonNeeded':
      return 400;
    case 'UnknownPerson':
    case 'NotAnApprover':
    case 'FourEyes':
    case 'LowAssurance':
    case 'NoBreakGlass':
      return 403;
    case 'TooLate':
    case 'NotWaiting':
      return 410;
    default:
      return 409;
  }
};
