// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax.

import { readFileSync } from 'node:fs';
import type { FileAsset } from './assembly.ts';
import type { Services } from './resource.ts';

/** Puts an asset where the template will look for it. Keys are hashes of the content, so what is there already is the same. */
export const publish = async ({ store, folders, place }: Services, { path, packaging, ...target }: FileAsset) => {
  const resolved = (text: string) =>
    text
      .replaceAll('${AWS::AccountId}', place.account)
      .replaceAll('${AWS::Region}', place.region)
      .replaceAll('${AWS::Partition}', place.partition);
  const bucketName = resolved(target.bucket);
  const key = resolved(target.key);
  const bucket = store.ensureBucket(bucketName, true);
  if (packaging === 'zip') folders.set(`${bucketName}/${key}`, path);
  else if (!bucket.current(key)?.body) await bucket.put(key, readFileSync(path), {});
};
