import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from '../protocol/aws-error.ts';
import type { Place } from '../service.ts';
import type { StepFunctionsOptions } from '../step-functions/step-functions.ts';
import { functionArn } from './actions/lambda.ts';
import type { Authorizer, Check } from './authorizer.ts';
import { sessionArn } from './sessions.ts';

type Invoke = StepFunctionsOptions['invoke'];
type Objects = StepFunctionsOptions['objects'];
type As = { roleArn: string };

/** What Step Functions does for a state machine, done as the state machine's role: only what that role is allowed to. */
export const asRole = (
  place: Place,
  { refusal }: Pick<Authorizer, 'refusal'>,
  it: {
    invoke: Invoke;
    objects: Objects;
    /** Is it missing from a bucket that there is? */
    isMissing(bucket: string, key: string): boolean;
  },
): Required<Pick<StepFunctionsOptions, 'invoke' | 'objects' | 'refusal'>> => {
  // Step Functions' sessions have names of 32 letters that mean nothing.
  const session = [...randomBytes(32)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  const refused = (check: Check, { roleArn }: As) => refusal(sessionArn(place, roleArn, session), [check]);
  const checkS3 = (action: string, path: string, as: As, keys: Check['keys'] = {}) => {
    const resource = `arn:${place.partition}:s3:::${path}`;
    const sentence = refused({ action, resource, shown: `"${resource}"`, keys }, as);
    if (sentence) throw new AwsError('AccessDenied', sentence, 403);
  };
  return {
    refusal: (action, resource, as) => refused({ action, resource }, as),
    async invoke(id, payload, as) {
      const sentence = refused({ action: 'lambda:InvokeFunction', resource: functionArn(place, id) }, as);
      if (!sentence) return it.invoke(id, payload, as);
      // Every error of Lambda that Step Functions has no name for is an AWSLambdaException.
      const cause = `${sentence} (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException; Request ID: ${randomUUID()}; Proxy: null)`;
      return { ok: false, error: 'Lambda.AWSLambdaException', cause };
    },
    objects: {
      async get(bucket, key, as, versionId) {
        const keys: Check['keys'] = versionId === undefined ? {} : { 's3:versionid': [versionId] };
        checkS3(`s3:GetObject${versionId === undefined ? '' : 'Version'}`, `${bucket}/${key}`, as, keys);
        if (versionId === undefined && it.isMissing(bucket, key)) checkS3('s3:ListBucket', bucket, as);
        return it.objects.get(bucket, key, as, versionId);
      },
      async put(bucket, key, body, as) {
        checkS3('s3:PutObject', `${bucket}/${key}`, as);
        return it.objects.put(bucket, key, body, as);
      },
      async list(bucket, prefix, as) {
        checkS3('s3:ListBucket', bucket, as, { 's3:prefix': [prefix] });
        return it.objects.list(bucket, prefix, as);
      },
    },
  };
};

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
