import type { RDSDataClient } from '@aws-sdk/client-rds-data';
import type { AwsResponse, Service } from '../../lib/local/service.ts';

/**
 * A Data API client without HTTP, for tens of thousands of calls: requests and errors are what the SDK would make of
 * them, with one attempt.
 */
export const inProcess = (service: Service): Pick<RDSDataClient, 'send'> => {
  const send = async (command: { input: object; constructor: { name: string } }) => {
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
