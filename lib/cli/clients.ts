import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export type Clients = { s3: S3Client; sfn: SFNClient; ssm: SSMClient; dynamodb: DynamoDBDocumentClient };

type Address = {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
};

/** What the commands talk to AWS with. Without an address, AWS itself, by the SDK's usual configuration. */
export const clients = (address?: Address): Clients => {
  const settings = { ...WITHIN, ...(address ? splitOf(address) : {}) };
  return {
    s3: new S3Client(settings),
    sfn: new SFNClient(settings),
    ssm: new SSMClient(settings),
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
  };
};

/** Without limits, a connection that has silently died would be waited for without end. */
const WITHIN = {
  requestHandler: { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
};

const splitOf = ({ endpoint, region, ...credentials }: Address) => ({ endpoint, region, credentials });
