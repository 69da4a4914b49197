import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { FleetDeclaration } from '../fleet/fleet.ts';

export type FleetAsset = { bucket: string; key: string };

/** The fleet as a file that is deployed with the stack: environment variables would hold 4 KB of it, no more. */
export const fleetAsset = (scope: Construct, fleet: FleetDeclaration): FleetAsset => {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-fleet-'));
  const path = join(directory, 'fleet.json');
  writeFileSync(path, JSON.stringify(fleet));
  const { s3BucketName, s3ObjectKey } = new Asset(scope, 'Fleet', { path });
  rmSync(directory, { recursive: true });
  return { bucket: s3BucketName, key: s3ObjectKey };
};
