import { DescribeMapRunCommand, type SFNClient } from '@aws-sdk/client-sfn';

/** Number of a map's executions that broke: each of them says what happened in the ledger, as long as it can. */
export const brokenIn = async (client: Pick<SFNClient, 'send'>, mapRunArn: string): Promise<number> => {
  const { executionCounts } = await client.send(new DescribeMapRunCommand({ mapRunArn }));
  const { failed = 0, timedOut = 0, aborted = 0 } = executionCounts ?? {};
  return failed + timedOut + aborted;
};
