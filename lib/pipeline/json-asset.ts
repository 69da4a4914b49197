import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { canonical, sha256 } from '../migrations/digest.ts';

/** Where a file that is deployed with the stack lies, and what it is. */
export type JsonAsset = { bucket: string; key: string; arn: string; digest: string };

/** A value as a file that is deployed with the stack: environment variables would hold 4 KB of it, no more. */
export const jsonAsset = (scope: Construct, id: string, value: unknown): JsonAsset => {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-asset-'));
  const path = join(directory, `${id.toLowerCase()}.json`);
  writeFileSync(path, JSON.stringify(value));
  const { s3BucketName: bucket, s3ObjectKey: key } = new Asset(scope, id, { path });
  rmSync(directory, { recursive: true });
  const arn = `arn:${Stack.of(scope).partition}:s3:::${bucket}/${key}`;
  return { bucket, key, arn, digest: sha256(canonical(JSON.parse(JSON.stringify(value)))) };
};
