import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, it, onTestFinished } from 'vitest';
import { confirmSubscriptions } from '../../lib/cli/local-cloud.ts';
import { openCloud } from '../../lib/local/cloud.ts';
import { assemblyOf, clientOf, temporary } from '../local/cloud-harness.ts';

it('confirms every mailbox that was asked, so that no link out of a mail ends its subscription', async () => {
  const cloud = await openCloud({ directory: temporary() });
  onTestFinished(() => cloud.stop());
  const mailbox = (Endpoint: string) => ({
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint },
  });
  const Resources = {
    Topic: { Type: 'AWS::SNS::Topic' },
    Anna: mailbox('anna@example.com'),
    Bert: mailbox('b@example.com'),
  };
  const [stack] = await cloud.deploy(assemblyOf({ Orders: { Resources } }));
  await confirmSubscriptions(cloud);
  await confirmSubscriptions(cloud);
  const client = new SNSClient(clientOf(cloud.endpoint));
  const received = async (Message: string) => {
    await client.send(new PublishCommand({ TopicArn: stack!.resources.Topic!.ref, Message }));
    return cloud.inbox.messages().filter(({ body }) => body === Message);
  };
  const mails = await received('one');
  expect(mails.map(({ to }) => to?.endpoint)).toEqual(['anna@example.com', 'b@example.com']);
  for (const { footer } of mails) expect((await fetch(/http\S+/.exec(footer!)![0])).status).toBe(403);
  expect(await received('two')).toHaveLength(2);
});
