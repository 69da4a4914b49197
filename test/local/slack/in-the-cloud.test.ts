import { expect, it, onTestFinished } from 'vitest';
import { openCloud } from '../../../lib/local/cloud.ts';
import { assemblyOf, signedFor, temporary } from '../cloud-harness.ts';
import { SECRET, TOKEN } from './harness.ts';

it("takes what a deployed function posts at SLACK_API_URL, and shows it in the cloud's inbox", async () => {
  const cloud = await openCloud({ directory: temporary() });
  onTestFinished(() => cloud.stop());
  cloud.slack.addWorkspace({
    team: { id: 'T1', domain: 'acme' },
    ...{ botToken: TOKEN, signingSecret: SECRET },
    users: [{ id: 'U1', name: 'ada' }],
    channels: [{ id: 'C1', name: 'deploys' }],
  });
  const source = `exports.handler = async () => {
    const answer = await fetch(process.env.SLACK_API_URL + 'chat.postMessage', {
      method: 'POST',
      headers: { authorization: 'Bearer ${TOKEN}', 'content-type': 'application/json' },
      body: JSON.stringify({ channel: 'C1', text: 'hello from a function' }),
    });
    return answer.json();
  };`;
  await cloud.deploy(
    assemblyOf({
      Bot: {
        Resources: {
          Role: {
            Type: 'AWS::IAM::Role',
            Properties: {
              AssumeRolePolicyDocument: {
                Statement: [
                  { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
                ],
              },
            },
          },
          Post: {
            Type: 'AWS::Lambda::Function',
            Properties: {
              ...{ FunctionName: 'post', Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile: source } },
              Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            },
          },
        },
      },
    }),
  );
  const invoked = await fetch(`${cloud.endpoint}/2015-03-31/functions/post/invocations`, {
    method: 'POST',
    headers: signedFor('lambda'),
  });
  expect(await invoked.json()).toMatchObject({ ok: true, channel: 'C1' });
  expect(cloud.slack.messages()).toMatchObject([{ text: 'hello from a function' }]);
  expect(await (await fetch(`${cloud.endpoint}/inbox`)).text()).toContain('hello from a function');
});
