import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { entries } from '../protocol/query.ts';
import { passes } from './filter-policy.ts';
import type { Message } from './inbox.ts';
import type { Subscription } from './subscriptions.ts';
import type { Topics } from './topics.ts';

export type Delivery = {
  deliver(message: Message): void;
  /** Hands an event to a function, as SNS does: asynchronously and with retries. */
  notify(functionArn: string, event: object, topicArn: string): void;
  /** What stands beneath a mail to this subscriber. */
  footer(subscription: Subscription): string;
};

type Attributes = Message['attributes'];

/** Publish: checks the message as SNS does and gives it to every subscription whose filter lets it through. */
export const publish = (topics: Topics, clock: Clock, delivery: Delivery) => async (input: URLSearchParams) => {
  if (!input.get('TopicArn') && !input.get('TargetArn')) {
    throw new AwsError(
      'InvalidParameter',
      'Invalid parameter: TopicArn or TargetArn Reason: the local cloud publishes to topics only',
    );
  }
  const topic = topics.find(input.get('TopicArn') ?? input.get('TargetArn'));
  const subject = checkedSubject(input.get('Subject'));
  const attributes = messageAttributes(input);
  const bodies = messageBodies(input, attributes, topic.maximumMessageSize);
  const id = randomUUID();
  const message = { id, at: clock.now(), topicArn: topic.arn, attributes, ...(subject === null ? {} : { subject }) };
  const takers = topics.subscriptions
    .of(topic.arn)
    .filter((it) => it.confirmed && wants(it, attributes, bodies.default!));
  if (takers.length === 0) delivery.deliver({ ...message, body: bodies.default!, to: null });
  for (const taker of takers) {
    const body = bodies[taker.protocol] ?? bodies.default!;
    if (taker.protocol === 'lambda')
      delivery.notify(taker.endpoint, record({ ...message, body, to: null }, taker), topic.arn);
    else
      delivery.deliver({
        ...{ ...message, body, to: { protocol: taker.protocol, endpoint: taker.endpoint } },
        ...(taker.protocol === 'email' ? { footer: delivery.footer(taker) } : {}),
      });
  }
  return { MessageId: id };
};

/** Subject: ASCII that begins with a letter, number or punctuation mark, at most 100 characters, no line breaks (SNS API, Publish). */
const checkedSubject = (subject: string | null) => {
  if (subject === null || /^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(subject)) return subject;
  throw new AwsError('InvalidParameter', 'Invalid parameter: Subject');
};

const messageBodies = (input: URLSearchParams, attributes: Attributes, limit: number): Record<string, string> => {
  const text = input.get('Message') ?? '';
  if (text === '') throw new AwsError('InvalidParameter', 'Invalid parameter: Empty message');
  const extra = Object.entries(attributes).reduce(
    (sum, [name, { type, value }]) => sum + Buffer.byteLength(name + type + value),
    0,
  );
  if (Buffer.byteLength(text) + extra > limit)
    throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
  const structure = input.get('MessageStructure');
  if (structure === null) return { default: text };
  if (structure !== 'json') throw new AwsError('InvalidParameter', 'Invalid parameter: MessageStructure');
  const bodies = parsed(text);
  if (typeof bodies?.default !== 'string') {
    throw new AwsError(
      'InvalidParameter',
      'Invalid parameter: Message Structure - No default entry in JSON message body',
    );
  }
  return Object.fromEntries(Object.entries(bodies).filter((it): it is [string, string] => typeof it[1] === 'string'));
};

const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new AwsError('InvalidParameter', 'Invalid parameter: Message Structure - JSON message body failed to parse');
  }
};

const messageAttributes = (input: URLSearchParams) => {
  const found: Attributes = {};
  for (const entry of entries(input, 'MessageAttributes.entry')) {
    const type = entry['Value.DataType'] ?? '';
    const value = entry['Value.StringValue'] ?? entry['Value.BinaryValue'];
    if (!/^(String|Number|Binary|String\.Array)(\..+)?$/.test(type) || !entry.Name || !value) {
      throw new AwsError(
        'ParameterValueInvalid',
        `The message attribute '${entry.Name ?? ''}' has no value or an invalid type.`,
      );
    }
    if (!isOfType(type, value))
      throw new AwsError('ParameterValueInvalid', `The message attribute '${entry.Name}' is no ${type}.`);
    found[entry.Name] = { type, value };
  }
  return found;
};

/** An array holds texts, numbers, booleans and nulls. */
const isOfType = (type: string, value: string): boolean => {
  if (type.startsWith('Number')) return value.trim() !== '' && Number.isFinite(Number(value));
  if (!type.startsWith('String.Array')) return true;
  try {
    const values: unknown = JSON.parse(value);
    return Array.isArray(values) && values.every((it) => typeof it !== 'object' || it === null);
  } catch {
    return false;
  }
};

const wants = ({ filterPolicy, filterPolicyScope }: Subscription, attributes: Attributes, body: string) => {
  if (!filterPolicy) return true;
  if (filterPolicyScope === 'MessageAttributes') {
    return passes(
      filterPolicy,
      Object.fromEntries(Object.entries(attributes).map(([name, it]) => [name, filterable(it)])),
    );
  }
  try {
    return passes(filterPolicy, Object(JSON.parse(body)));
  } catch {
    return false;
  }
};

const filterable = ({ type, value }: Attributes[string]) =>
  type.startsWith('Number') ? Number(value) : type.startsWith('String.Array') ? JSON.parse(value) : value;

const record = ({ id, at, topicArn, subject, body, attributes }: Message, { arn }: Subscription) => ({
  Records: [
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn: arn,
      Sns: {
        Type: 'Notification',
        MessageId: id,
        TopicArn: topicArn,
        Subject: subject ?? null,
        Message: body,
        Timestamp: at.toISOString(),
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, { type, value }]) => [name, { Type: type, Value: value }]),
        ),
      },
    },
  ],
});
