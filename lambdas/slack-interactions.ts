import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';
import { handle } from 'hono/aws-lambda';
import { slackInteractions } from '../lib/approval/slack/interactions.ts';
import { ledger } from './ledger.ts';
import { once, slack, variable } from './services.ts';

const lambda = once(() => new LambdaClient());

const app = handle(
  slackInteractions(() => ({
    table: ledger(),
    slack: { team: variable('SLACK_TEAM'), channel: variable('SLACK_CHANNEL') },
    secret: slack(),
    // Lambda keeps the event and tries it again until it has been taken: what Slack was answered is not lost.
    hand: async (ballot) => {
      const FunctionName = variable('DECISION_FUNCTION');
      await lambda().send(
        new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: JSON.stringify(ballot) }),
      );
    },
    now: () => new Date(),
  })),
);

/** What people press in Slack, behind the HTTP API. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyResultV2>().handler(
  (event) => app(event as never) as unknown as Promise<APIGatewayProxyResultV2>,
);
