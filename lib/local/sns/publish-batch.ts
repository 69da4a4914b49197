import { AwsError, asAwsError } from '../protocol/aws-error.ts';
import { entries, type QueryOperation } from '../protocol/query.ts';

/**
 * PublishBatch: up to ten messages, each published or refused by itself.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
export const publishBatch =
  (publish: QueryOperation): QueryOperation =>
  async (input, request) => {
    const batch = entries(input, 'PublishBatchRequestEntries.member');
    checkBatch(batch);
    const published = await Promise.all(
      batch.map(async ({ Id = '', ...message }) => {
        const one = new URLSearchParams({ TopicArn: input.get('TopicArn') ?? '', ...message });
        try {
          return { Id, ...((await publish(one, request)) as { MessageId: string }) };
        } catch (error) {
          const { name: Code, message: Message, status } = asAwsError(error);
          // Without its topic, none of them can be.
          if (Code === 'NotFound') throw error;
          return { Id, Code, Message, SenderFault: status < 500 };
        }
      }),
    );
    return {
      Successful: { member: published.filter((it) => 'MessageId' in it) },
      Failed: { member: published.filter((it) => 'Code' in it) },
    };
  };

const checkBatch = (batch: Record<string, string>[]) => {
  if (batch.length === 0) throw new AwsError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (batch.length > 10)
    throw new AwsError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  const ids = batch.map(({ Id = '' }) => Id);
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id)))
    throw new AwsError(
      'InvalidBatchEntryId',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    );
  if (new Set(ids).size < ids.length)
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  const size = batch.reduce((sum, { Message = '' }) => sum + Buffer.byteLength(Message), 0);
  if (size > 256 * 1024)
    throw new AwsError(
      'BatchRequestTooLong',
      'The length of all the batch messages put together is more than the limit.',
    );
};
