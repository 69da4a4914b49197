import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** One request to the local cloud's port, after it has been read whole and its sender recognised. */
export type AwsRequest = {
  method: string;
  /** Decoded by nobody: as it stood in the request line, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Who signed it: the ARN of a session of a role, of a user, or of the account's root; `anonymous` for nobody. */
  principal: string;
};

export type AwsResponse = {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /**
   * Instead of a body that is too big to be held whole: its bytes, read as they are sent. `content-length` goes with it.
   * Whoever doesn't send it destroys it.
   */
  stream?: Readable;
  /** The connection is reset instead: there is no answer. */
  hangUp?: true;
};

/** One AWS service behind the local cloud's port. */
export type Service = (request: AwsRequest) => Promise<AwsResponse>;

/** Where the local cloud pretends to be. */
export type Place = { partition: 'aws'; region: string; account: string };
