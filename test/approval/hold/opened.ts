import { SendTaskHeartbeatCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach } from 'vitest';
import { approvalApp } from '../../../lib/approval/approval-app.ts';
import { objects } from '../../../lib/ledger/objects.ts';
import { idOf } from '../../../lib/ledger/request.ts';
import { getRequest, openRequest, putLink } from '../../../lib/ledger/requests.ts';
import { recordRun } from '../../../lib/ledger/runs.ts';
import { ledgers, memoryBucket } from '../../ledger/harness.ts';
import { at } from '../request.ts';
import { held } from './held.ts';

/** The pages of a hold, over a ledger of their own for each test of a file; `sfn` is the mocked Step Functions. */
export const holdPages = () => {
  const { table } = ledgers();
  const sfn = mockClient(SFNClient);
  beforeEach(() => {
    sfn.reset();
    sfn.onAnyCommand().rejects(new Error('this test did not expect that call'));
    sfn.on(SendTaskHeartbeatCommand).resolves({}).on(SendTaskSuccessCommand).resolves({});
  });
  const opened = async (more: Parameters<typeof held>[0] = {}, now = at('09:30:00')) => {
    const ledger = await table();
    const request = held(more);
    const named = { run: 'run-1', execution: 'arn', digest: request.digest, requestedBy: 'ci', startedAt: 'then' };
    await recordRun(ledger, { ...named, status: 'RUNNING' });
    await openRequest(ledger, request);
    const app = approvalApp(() => ({
      ...{ table: ledger, sfn: new SFNClient({ region: 'eu-west-1' }), now: () => now },
      // All that is shown is in the request: there is nothing to read in the bucket.
      objects: objects(memoryBucket().client, 'bucket'),
    }));
    const link = async (person: string | null) =>
      `/approvals/${await putLink(ledger, { run: idOf(request), person, createdAt: request.createdAt })}`;
    return { app, link, stored: async () => (await getRequest(ledger, idOf(request)))! };
  };
  return { opened, told: () => sfn.commandCalls(SendTaskSuccessCommand) };
};
