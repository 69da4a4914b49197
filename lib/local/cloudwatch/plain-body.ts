import { gunzipSync } from 'node:zlib';
import type { AwsRequest } from '../service.ts';

/** SDKs compress what is longer than 10 KiB. One that can't be unpacked is left as it is, and refused for that. */
export const plainBody = ({ headers, body }: Pick<AwsRequest, 'headers' | 'body'>): Buffer => {
  if (headers['content-encoding'] !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: 17 * 2 ** 20 });
  } catch {
    return body;
  }
};
