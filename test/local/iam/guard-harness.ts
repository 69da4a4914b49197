import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as ddb from '@aws-sdk/client-dynamodb';
import * as rds from '@aws-sdk/client-rds';
import * as data from '@aws-sdk/client-rds-data';
import * as s3 from '@aws-sdk/client-s3';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import type { Check } from '../../../lib/local/iam/authorizer.ts';
import { guarded } from '../../../lib/local/iam/guard.ts';
import { mappings } from '../../../lib/local/iam/mappings.ts';
import type { Service } from '../../../lib/local/service.ts';
import { type clientOf, listening, place } from '../cloud-harness.ts';

export const SESSION = 'arn:aws:sts::000000000000:assumed-role/Reader/read';
export const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';
export const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:machine:one';
export const CLUSTER = 'arn:aws:rds:us-east-1:000000000000:cluster:orders';
export const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf';
export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:approvals';
export const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/Ledger';
export const KEY = 'arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab';
export const snapshot = (name: string) => `arn:aws:rds:us-east-1:000000000000:cluster-snapshot:${name}`;
export const parameter = (name: string) => `arn:aws:ssm:us-east-1:000000000000:parameter/${name}`;

const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
const known = mappings(place, {
  tables: {
    schema: async () => ({
      KeySchema,
      GlobalSecondaryIndexes: [{ IndexName: 'byState', KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }] }],
    }),
  },
  store: { has: (bucket) => bucket === 'bundles' },
  keyArn: (id) => (id === 'alias/ours' || id === KEY ? KEY : undefined),
  vault: { has: (id) => id === 'db' || id === SECRET, find: () => ({ arn: SECRET }) as never },
  tagsOf: () => ({}),
  stateMachines: { stateMachineOf: (token) => (token === 'ours' ? MACHINE : undefined) },
});

/** Every service behind the guard: what it is asked to check, and then refuses. */
export const refusing = async (
  refused: (checks: Check[]) => boolean = () => true,
  answer: Service = async () => ({ status: 200 }),
) => {
  const asked: Check[] = [];
  const services = Object.fromEntries(Object.keys(known).map((name) => [name, answer])) as Record<
    keyof typeof known,
    Service
  >;
  const refusal = (_: string, checks: Check[]) => {
    asked.push(...checks);
    return refused(checks) ? 'No & <no>.' : undefined;
  };
  const settings = await listening(guarded(services, known, { refusal }), undefined, () => SESSION);
  return { settings, asked };
};

export type Sent = { input: object };
export const clients = {
  cloudwatch: (settings: ReturnType<typeof clientOf>) => new cloudwatch.CloudWatchClient(settings),
  ddb: (settings: ReturnType<typeof clientOf>) => new ddb.DynamoDBClient(settings),
  rds: (settings: ReturnType<typeof clientOf>) => new rds.RDSClient(settings),
  data: (settings: ReturnType<typeof clientOf>) => new data.RDSDataClient(settings),
  s3: (settings: ReturnType<typeof clientOf>) => new s3.S3Client({ ...settings, forcePathStyle: true }),
  secrets: (settings: ReturnType<typeof clientOf>) => new secrets.SecretsManagerClient(settings),
  sfn: (settings: ReturnType<typeof clientOf>) => new sfn.SFNClient(settings),
  sns: (settings: ReturnType<typeof clientOf>) => new sns.SNSClient(settings),
  ssm: (settings: ReturnType<typeof clientOf>) => new ssm.SSMClient(settings),
};

export const send = async (
  client: keyof typeof clients,
  command: Sent,
  { settings }: { settings: ReturnType<typeof clientOf> },
) =>
  (clients[client](settings) as unknown as { send(it: Sent): Promise<unknown> }).send(command).then(
    () => undefined,
    (error: Error & { $metadata: { httpStatusCode: number } }) => error,
  );
