import { AwsError } from '../protocol/aws-error.ts';
import type { AwsRequest } from '../service.ts';

/** The bucket and the key that a request speaks of: path style, and virtual-host style for `<bucket>.localhost`. */
export const addressed = ({ path, headers }: AwsRequest) => {
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const virtual = /^(?<bucket>.+?)(\.s3)?\.localhost$/.exec(host)?.groups?.bucket;
  const [first = '', ...rest] = path.slice(1).split('/');
  const named =
    virtual && virtual !== 's3' ? { bucket: virtual, key: path.slice(1) } : { bucket: first, key: rest.join('/') };
  const key = decoded(named.key);
  if (Buffer.byteLength(key) > 1024)
    throw new AwsError('KeyTooLongError', 'Your key is too long (1024 bytes at most).');
  return { bucket: decoded(named.bucket), key };
};

/** The query's member that names another operation, or nothing for the plain ones. */
export const subresource = ({ query }: AwsRequest) => [...query.keys()].find((name) => !PLAIN.test(name)) ?? '';
const PLAIN =
  /^(x-id|list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|key-marker|version-id-marker|versionId|max-buckets|X-Amz-.*|x-amz-checksum-.*)$/i;

const decoded = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
};
