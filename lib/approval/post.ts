import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { ApprovalRequest } from '../ledger/request.ts';
import type { Mail, Previous } from './mail.ts';
import type { Summary } from './summary.ts';

/** The ways to people. What can't be sent is an error for `mail` and `ask`: a question that nobody gets is no question. */
export type Post = {
  /** To these people, by their names in the policy; each gets it who has confirmed a subscription. */
  mail: (people: string[], mail: Mail) => Promise<void>;
  /** Asks in Slack, or reminds there; gives the message that is to be kept up to date, if there is one. */
  ask: (request: ApprovalRequest, it: Asked) => Promise<ApprovalRequest['slack']>;
  /** Brings the message in Slack up to date; with how the run ended, if it has. */
  update: (request: ApprovalRequest, ended?: string) => Promise<void>;
  /** Tells the channel in Slack something that needs no answer. */
  say: (text: string) => Promise<void>;
};

/** What a question in Slack is made of; `link` shows the plan to whoever opens it, and lets nobody decide. */
export type Asked = { summary: Summary; previous: Previous | null; reminder: boolean; link: string };

/** The message attribute by which each approver's subscription takes what is meant for them. */
export const RECIPIENT = 'approver';

/** One message to several people at once: SNS gives each subscription the messages that its filter lets through. */
export const mailBy =
  (sns: Pick<SNSClient, 'send'>, topic: string): Post['mail'] =>
  async (people, mail) => {
    if (people.length === 0) return;
    const attribute =
      people.length === 1
        ? { DataType: 'String', StringValue: people[0]! }
        : { DataType: 'String.Array', StringValue: JSON.stringify(people) };
    await sns.send(new PublishCommand({ TopicArn: topic, ...mail, MessageAttributes: { [RECIPIENT]: attribute } }));
  };
