import type { IncomingHttpHeaders } from 'node:http';

/** One request to the local cloud's port, after it has been read whole and its sender recognised. */
export type AwsRequest = {
  method: string;
  /** Decoded by nobody: as it stood in the request line, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Who signed it: the ARN of a function's or state machine's role, or the account's root for everyone else. */
  principal: string;
};

export type AwsResponse = { status: number; headers?: Record<string, string>; body?: string | Buffer };

/** One AWS service behind the local cloud's port. */
export type Service = (request: AwsRequest) => Promise<AwsResponse>;

/** Where the local cloud pretends to be. */
export type Place = { partition: 'aws'; region: string; account: string };
