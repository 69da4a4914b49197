import { z } from 'zod';
import type { Code } from '../../lambda/code.ts';
import { UnresolvableTemplate } from '../../template/template.ts';
import { type Context, ignored, number, type Resource, resource } from '../resource.ts';
import { checkLambdaRole } from '../trust.ts';

const code = z.union([
  z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  z.strictObject({ ZipFile: z.string() }).transform(({ ZipFile }) => ({ inline: ZipFile })),
]);
/** Functions run on the Node that runs the local cloud, so only that runtime would be honest. */
const runtime = `nodejs${process.versions.node.split('.')[0]}.x`;

export const lambdaFunction: Resource = resource(
  {
    FunctionName: z.string().optional(),
    Code: code,
    Handler: z.string(),
    Role: z.string(),
    Runtime: z.literal(runtime),
    Timeout: number.min(1).max(900).default(3),
    MemorySize: number.min(128).max(10_240).default(128),
    Environment: z.strictObject({ Variables: z.record(z.string(), z.coerce.string()).optional() }).optional(),
    ReservedConcurrentExecutions: number.optional(),
    LoggingConfig: z
      .looseObject({ LogFormat: z.enum(['Text', 'JSON']).optional(), LogGroup: z.string().optional() })
      .optional(),
    PackageType: z.literal('Zip').optional(),
    // The code runs on this machine's processor, and traces have nowhere to go.
    Architectures: ignored,
    TracingConfig: ignored,
    EphemeralStorage: ignored,
    KmsKeyArn: ignored,
    RuntimeManagementConfig: ignored,
    RecursiveLoop: ignored,
    Description: ignored,
  },
  (it, context) => {
    const name = it.FunctionName ?? context.name(64);
    const variables = it.Environment?.Variables ?? {};
    checkVariables(variables, context);
    checkLambdaRole(it.Role, context.arn('lambda', `function:${name}`), context);
    const arn = context.services.functions.createFunction({
      name,
      handler: it.Handler,
      runtime: it.Runtime,
      roleArn: it.Role,
      code: 'inline' in it.Code ? it.Code : folder(it.Code, context),
      variables,
      timeoutSeconds: it.Timeout,
      memoryMegabytes: it.MemorySize,
      logFormat: it.LoggingConfig?.LogFormat ?? 'Text',
      logGroup: it.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      ...(it.ReservedConcurrentExecutions === undefined
        ? {}
        : { reservedConcurrency: it.ReservedConcurrentExecutions }),
    });
    return { ref: name, attributes: { Arn: arn } };
  },
);

export const version: Resource = resource(
  { FunctionName: z.string(), Description: ignored, CodeSha256: ignored, RuntimePolicy: ignored },
  ({ FunctionName }, { services }) => {
    services.functions.addQualifier(FunctionName, '1', '1');
    const arn = `${services.functions.configuration(FunctionName).arn}:1`;
    return { ref: arn, attributes: { Version: '1', FunctionArn: arn } };
  },
);

export const alias: Resource = resource(
  { FunctionName: z.string(), FunctionVersion: z.string(), Name: z.string(), Description: ignored },
  ({ FunctionName, FunctionVersion, Name }, { services }) => {
    services.functions.addQualifier(FunctionName, Name, FunctionVersion);
    const arn = `${services.functions.configuration(FunctionName).arn}:${Name}`;
    return { ref: arn, attributes: { AliasArn: arn } };
  },
);

export const permission: Resource = resource(
  {
    FunctionName: z.string(),
    Principal: z.string(),
    Action: z.enum(['lambda:InvokeFunction', 'lambda:*']),
    SourceArn: z.string().optional(),
    SourceAccount: ignored,
  },
  ({ FunctionName, Principal, SourceArn }, { services, logicalId }) => {
    services.functions.permit(FunctionName, { principal: Principal, ...(SourceArn ? { sourceArn: SourceArn } : {}) });
    return { ref: logicalId };
  },
);

const folder = (
  { S3Bucket, S3Key }: { S3Bucket: string; S3Key: string },
  { services, stack, logicalId }: Context,
): Code => {
  const directory = services.folders.get(`${S3Bucket}/${S3Key}`);
  if (directory) return { directory };
  const problem = `s3://${S3Bucket}/${S3Key} is no folder among the assembly's assets; the local cloud can't unpack archives.`;
  throw new UnresolvableTemplate({ stack, path: `${logicalId}.Properties.Code`, problem });
};

/** Lambda's quota for all of a function's variables is 4 KB, and these names are its own. */
const checkVariables = (variables: Record<string, string>, { stack, logicalId }: Context) => {
  const at = { stack, path: `${logicalId}.Properties.Environment.Variables` };
  const reserved = Object.keys(variables).find((name) => RESERVED.includes(name));
  if (reserved) throw new UnresolvableTemplate({ ...at, problem: `${reserved} is a name that Lambda reserves.` });
  const size = Buffer.byteLength(JSON.stringify(variables));
  if (size > 4096) throw new UnresolvableTemplate({ ...at, problem: `they take ${size} bytes; Lambda allows 4,096.` });
};

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED = [
  ...[
    '_HANDLER',
    '_X_AMZN_TRACE_ID',
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'AWS_EXECUTION_ENV',
    'AWS_LAMBDA_FUNCTION_NAME',
  ],
  ...['AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE'],
  ...['AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
  ...['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
];
