import { addressed, subresource } from '../s3/addressing.ts';
import type { AwsRequest } from '../service.ts';

/** Name of the operation that a request to a service asks for, as AWS's API reference has it; empty if none is known. */
export const operationOf = (service: string, request: AwsRequest): string => NAMING[service]?.(request) ?? '';

const json = ({ headers }: AwsRequest) =>
  String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);

const query = ({ body, query }: AwsRequest) =>
  new URLSearchParams(body.toString()).get('Action') ?? query.get('Action') ?? '';

const DATA_API: Record<string, string> = {
  '/Execute': 'ExecuteStatement',
  '/BatchExecute': 'BatchExecuteStatement',
  '/BeginTransaction': 'BeginTransaction',
  '/CommitTransaction': 'CommitTransaction',
  '/RollbackTransaction': 'RollbackTransaction',
};

const s3 = (request: AwsRequest) => {
  try {
    const { bucket, key } = addressed(request);
    const on = bucket === '' ? 'account' : key === '' ? 'bucket' : 'object';
    return S3[`${request.method} ${on} ${subresource(request)}`.trim()];
  } catch {
    return undefined;
  }
};

const S3: Record<string, string> = {
  'GET account': 'ListBuckets',
  'PUT bucket': 'CreateBucket',
  'HEAD bucket': 'HeadBucket',
  'GET bucket': 'ListObjectsV2',
  'GET bucket versions': 'ListObjectVersions',
  'GET bucket location': 'GetBucketLocation',
  'GET bucket versioning': 'GetBucketVersioning',
  'PUT object': 'PutObject',
  'GET object': 'GetObject',
  'HEAD object': 'HeadObject',
  'DELETE object': 'DeleteObject',
};

const LAMBDA = ['Invoke', 'GetFunctionConfiguration', 'ListFunctions'] as const;

const lambda = ({ method, path }: AwsRequest): (typeof LAMBDA)[number] => {
  if (method === 'POST' && path.endsWith('/invocations')) return 'Invoke';
  return path.endsWith('/configuration') ? 'GetFunctionConfiguration' : 'ListFunctions';
};

const NAMING: Record<string, (request: AwsRequest) => string | undefined> = {
  'rds-data': ({ path }) => DATA_API[path],
  states: json,
  s3,
  dynamodb: json,
  sns: query,
  rds: query,
  secretsmanager: json,
  kms: json,
  monitoring: json,
  ssm: json,
  lambda,
  sts: query,
};

/** Those that faults can strike, by signing name. */
export const SERVICES = Object.keys(NAMING);

/** The operations of a service whose requests don't name them; undefined where they do, and it may be any. */
export const operationsOf = (service: string): readonly string[] | undefined =>
  ({ 'rds-data': Object.values(DATA_API), s3: Object.values(S3), lambda: LAMBDA })[service];
