import type { Place } from './service.ts';
import type { AccessKey } from './sts/credentials.ts';

/** The variables that let the AWS CLI or any SDK talk to a local cloud, as these credentials. */
export const environmentFor = (endpoint: string, { region }: Place, key: AccessKey): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
});
