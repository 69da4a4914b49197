import { randomBytes } from 'node:crypto';
import type { Place } from '../service.ts';
import type { Credentials } from '../sts/credentials.ts';
import type { Configuration } from './functions.ts';

/** All that a function's process finds in its environment: Lambda's own variables and the template's, nothing of our machine's. */
export const environment = (
  { name, handler, memoryMegabytes, logFormat, logGroup, runtime, variables }: Configuration,
  it: { place: Place; taskRoot: string; temporary: string; endpoint: string; credentials: Credentials },
): Record<string, string> => ({
  ...variables,
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  // /tmp is the sandbox's own on Lambda. There, too, no home directory holds anybody's AWS configuration.
  TMPDIR: it.temporary,
  HOME: it.temporary,
  LAMBDA_TASK_ROOT: it.taskRoot,
  _HANDLER: handler,
  AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
  AWS_LAMBDA_LOG_STREAM_NAME: `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`,
  AWS_LAMBDA_LOG_FORMAT: logFormat,
  AWS_REGION: it.place.region,
  AWS_DEFAULT_REGION: it.place.region,
  AWS_ENDPOINT_URL: it.endpoint,
  // Not Lambda's, but what keeps a function from calling Slack itself.
  SLACK_API_URL: `${it.endpoint}/slack/api/`,
  AWS_ACCESS_KEY_ID: it.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: it.credentials.secretAccessKey,
  AWS_SESSION_TOKEN: it.credentials.sessionToken,
});
