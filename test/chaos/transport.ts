import type { ExecuteStatementCommandInput, RDSDataClient } from '@aws-sdk/client-rds-data';
import type { AwsResponse, Service } from '../../lib/local/service.ts';

/** What the engine needs of the SDK's client. */
export type Client = Pick<RDSDataClient, 'send'>;

/** What is sent: of other commands than ExecuteStatement without SQL. */
export type Command = { input: Partial<ExecuteStatementCommandInput>; constructor: { name: string } };

/** A client whose every call passes through a function, which may send it on as it is, changed, or not at all. */
export const through = (
  client: Client,
  pass: (command: Command, send: (command: Command) => Promise<unknown>) => Promise<unknown>,
): Client => {
  const send = client.send.bind(client) as unknown as (command: Command) => Promise<unknown>;
  return { send: ((command: Command) => pass(command, send)) as unknown as RDSDataClient['send'] };
};

/**
 * A Data API client without HTTP, for tens of thousands of calls: requests and errors are what the SDK would make of
 * them, with one attempt.
 */
export const inProcess = (service: Service): Client => {
  const send = async (command: Command) => {
    const answer = await service({
      method: 'POST',
      path: `/${command.constructor.name.replace(/(Statement)?Command$/, '')}`,
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.from(JSON.stringify(command.input)),
      principal: 'arn:aws:iam::000000000000:root',
    });
    if (answer.hangUp) throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const body = JSON.parse(String(answer.body));
    if (answer.status !== 200) throw refused(answer, body.message ?? '');
    return body;
  };
  return { send: send as unknown as RDSDataClient['send'] };
};

const refused = ({ status, headers }: AwsResponse, message: string) =>
  Object.assign(new Error(message), {
    name: headers?.['x-amzn-errortype'],
    $metadata: { httpStatusCode: status },
  });
