import { AwsError } from '../protocol/aws-error.ts';

/**
 * Decodes a body in `aws-chunked`: `<hex size>[;chunk-signature=…]\r\n<data>\r\n … 0\r\n<trailer: value>\r\n\r\n`.
 * The trailers carry the checksum of what was streamed. Chunk signatures aren't verified, as the request's own isn't.
 */
export const decodeChunks = (body: Buffer) => {
  const chunks: Buffer[] = [];
  const trailers: Record<string, string> = {};
  let at = 0;
  const line = () => {
    const end = body.indexOf('\r\n', at);
    if (end < 0) throw new AwsError('IncompleteBody', 'The aws-chunked body ends in the middle of a line.');
    const text = body.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  for (;;) {
    const head = line();
    const size = /^[0-9a-f]{1,8}(?=;|$)/i.exec(head)?.[0];
    if (size === undefined)
      throw new AwsError('IncompleteBody', `"${head.slice(0, 40)}" is not the head of an aws-chunked chunk.`);
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    if (at + length + 2 > body.length)
      throw new AwsError('IncompleteBody', 'An aws-chunked chunk is shorter than it says.');
    chunks.push(body.subarray(at, at + length));
    at += length + 2;
  }
  while (at < body.length) {
    const text = line();
    if (text === '') break;
    const colon = text.indexOf(':');
    trailers[text.slice(0, colon).toLowerCase()] = text.slice(colon + 1).trim();
  }
  return { body: Buffer.concat(chunks), trailers };
};
