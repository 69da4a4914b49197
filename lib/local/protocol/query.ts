import { randomUUID } from 'node:crypto';
import type { AwsRequest, Service } from '../service.ts';
import { AwsError, asAwsError } from './aws-error.ts';
import { type Xml, xml } from './xml.ts';

/** One operation of a service that speaks the AWS Query protocol; what it returns becomes `<…Result>`. */
export type QueryOperation = (input: URLSearchParams, request: AwsRequest) => Promise<{ [name: string]: Xml }>;

/** A service in the AWS Query protocol: a form with `Action` comes in, XML goes out. */
export const queryService =
  (namespace: string, operations: Record<string, QueryOperation>): Service =>
  async (request) => {
    const input = new URLSearchParams(request.body.toString());
    for (const [name, value] of request.query) input.append(name, value);
    const action = input.get('Action') ?? '';
    try {
      const run = Object.hasOwn(operations, action) ? operations[action] : undefined;
      if (!run)
        throw new AwsError('InvalidAction', `The local cloud doesn't offer the action "${action}" of ${namespace}.`);
      const result = await run(input, request);
      return reply(200, {
        [`${action}Response`]: {
          '@xmlns': namespace,
          [`${action}Result`]: result,
          ResponseMetadata: { RequestId: randomUUID() },
        },
      });
    } catch (thrown) {
      const { name: Code, message: Message, status } = asAwsError(thrown);
      const Type = status < 500 ? 'Sender' : 'Receiver';
      return reply(status, {
        ErrorResponse: { '@xmlns': namespace, Error: { Type, Code, Message }, RequestId: randomUUID() },
      });
    }
  };

/** The entries `<prefix>.1.<member>`, `<prefix>.2.<member>` … of a form, in order. */
export const entries = (input: URLSearchParams, prefix: string) => {
  const found: Record<string, string>[] = [];
  for (const [name, value] of input) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const [index = '', ...member] = name.slice(prefix.length + 1).split('.');
    if (!/^[1-9]\d{0,4}$/.test(index)) continue;
    found[Number(index)] ??= {};
    found[Number(index)]![member.join('.')] = value;
  }
  return found.filter(Boolean);
};

/** The values `<prefix>.1`, `<prefix>.2` … of a form, in order. */
export const numbered = (input: URLSearchParams, prefix: string) =>
  entries(input, prefix).flatMap((entry) => (entry[''] === undefined ? [] : [entry['']]));

const reply = (status: number, body: { [name: string]: Xml }) => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': randomUUID() },
  body: xml(body),
});
