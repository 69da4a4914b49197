import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { KMSClient } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type SlackSecret, slackSecret } from '../lib/approval/slack/secret.ts';
import { retried } from '../lib/database/retries.ts';
import { type Objects, objects } from '../lib/ledger/objects.ts';
import { newestIn, type Versions, versionsIn } from '../lib/ledger/versions.ts';

// The outside world, as the steps see it: each part is made on first use and kept for the life of the function.
// Pure in the bundler's eyes, so that a step's bundle holds only the clients that it uses. Nothing else reads
// environment variables.

/** The environment's bucket. */
export const bucket = /* @__PURE__ */ once((): Objects => objects(s3(), variable('BUCKET')));

/** Where the fleet as declared at deployment lies. */
export const fleetBucket = /* @__PURE__ */ once((): Objects => objects(s3(), variable('FLEET_BUCKET')));

/** Where the approval policy as declared at deployment lies. */
export const policyBucket = /* @__PURE__ */ once((): Objects => objects(s3(), variable('POLICY_BUCKET')));

/** Where the policy for linting as declared at deployment lies. */
export const lintBucket = /* @__PURE__ */ once((): Objects => objects(s3(), variable('LINT_BUCKET')));

/** Where the paths by which bundles come here lie, as declared at deployment. */
export const promotionBucket = /* @__PURE__ */ once((): Objects => objects(s3(), variable('PROMOTION_BUCKET')));

/** The bucket of another environment, where that is. */
export const bucketOf = ({ region, bucket }: { region: string; bucket: string }): Objects =>
  objects(new S3Client({ region }), bucket);

/** What lies in the environment's bucket with all that lay there before; the same of another environment's. */
export const versions = /* @__PURE__ */ once((): Versions => versionsIn(s3(), variable('BUCKET')));
/** Which version lies there now. */
export const newest = /* @__PURE__ */ once(() => newestIn(s3(), variable('BUCKET')));
export const versionsOf = ({ region, bucket }: { region: string; bucket: string }): Versions =>
  versionsIn(new S3Client({ region }), bucket);

/**
 * The Data API. One attempt per call: the SDK's own retries would run SQL up to three times. The time-out lies above
 * the Data API's own 45 s, as AWS advises, and really ends the request.
 */
export const rdsData = /* @__PURE__ */ once(
  () => new RDSDataClient({ maxAttempts: 1, requestHandler: { requestTimeout: 60_000, throwOnRequestTimeout: true } }),
);

export const rds = /* @__PURE__ */ once(() => counting(new RDSClient()));

/** Reads whole accounts, page by page: RDS turns callers away who ask that often, and these wait longer than others. */
export const rdsAtLength = /* @__PURE__ */ once(() => counting(new RDSClient({ maxAttempts: 10 })));

export const sfn = /* @__PURE__ */ once(() => new SFNClient());
export const cloudWatch = /* @__PURE__ */ once(() => new CloudWatchClient());
export const ssm = /* @__PURE__ */ once(() => new SSMClient());
/** Signs and verifies; another environment's keys are in its region. */
export const kms = /* @__PURE__ */ once(() => new KMSClient());
export const kmsIn = (region: string): KMSClient => new KMSClient({ region });
export const sns = /* @__PURE__ */ once(() => new SNSClient());

/** What the Slack app signs and speaks with; only where the policy has one is the secret's name set. GovSlack's API is elsewhere. */
export const slack = /* @__PURE__ */ once((): (() => Promise<SlackSecret>) =>
  slackSecret(
    new SecretsManagerClient(),
    variable('SLACK_SECRET'),
    setting('SLACK_API_URL') ?? 'https://slack.com/api/',
  ),
);

/** The SDK makes calls again by itself, and says afterwards how often. */
const counting = (client: RDSClient): RDSClient => {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        const answer = await next(args);
        retried((answer.output.$metadata.attempts ?? 1) - 1);
        return answer;
      } catch (error) {
        retried(((error as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1) - 1);
        throw error;
      }
    },
    { step: 'initialize', name: 'countRetries' },
  );
  return client;
};

const s3 = /* @__PURE__ */ once(() => new S3Client());

/** A variable that the pipeline sets on the function; missing only if the deployment is broken. */
export function variable(name: string): string {
  const value = setting(name);
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
  return value;
}

/** The pipeline that a step is of. */
export function here(): { service: string; environment: string } {
  return { service: variable('SERVICE'), environment: variable('ENVIRONMENT') };
}

/** A variable that the pipeline sets only where it is needed. */
export function setting(name: string): string | undefined {
  return process.env[name] || undefined;
}

/** Makes a service on first use. */
export function once<Service>(make: () => Service): () => Service {
  let made: Service | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
