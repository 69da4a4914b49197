import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import { acquireLease } from '../../lib/ledger/lease.ts';
import type { ApprovalRequest, Vote } from '../../lib/ledger/request.ts';
import { openRequest } from '../../lib/ledger/requests.ts';
import { recordRun, updateRun } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { asked, policy } from '../approval/request.ts';
import { bundleOf, cluster, database, inWavesOf, run } from '../fleet/samples.ts';
import { awsError, mocks, published, step } from './harness.ts';

const { opened, logs } = step('report', {
  ATTESTATION_KEY: 'arn:key',
  SERVICE: 'shop',
  ENVIRONMENT: 'production',
  TOPIC: 'arn:topic',
});

const admitted = run();
const { execution } = admitted;
const fleet = [cluster('a', database('orders', 1)), cluster('b', database('orders', 2))];
const { plan, planDigest } = makePlan(bundleOf('001', '002'), fleet, {
  service: 'shop',
  environment: 'production',
  digest: admitted.digest,
  rollout: inWavesOf(1),
  policy: 'p',
  fleet: 'f',
  version: '1.0.0',
});
const planFile = {
  'runs/run-1/plan.json': JSON.stringify({ ...plan, planDigest, dataApiCalls: { 'a/orders': 1, 'b/orders': 2 } }),
};

const ended = (failure: object | null = null, of: object = admitted) => ({ run: of, execution, failure });

/** A ledger as an admitted run leaves it behind. */
const begun = async (ledger: Table, { planned = true } = {}) => {
  await acquireLease(ledger, execution, new Date(), async () => true);
  await recordRun(ledger, { ...admitted, status: 'RUNNING' });
  if (planned) await updateRun(ledger, 'run-1', { planDigest });
};

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

describe('a run that people were asked about', () => {
  const vote: Vote = {
    ...{ decision: 'approved', by: 'Berta', reason: 'as agreed', at: '2026-01-05T09:30:00.000Z', channel: 'slack' },
    ...{ assurance: 'high', identity: 'slack T0001/UBERTA01' },
  };
  const approved: Partial<ApprovalRequest> = {
    ...{ planDigest, votes: [vote], outcome: { decision: 'approved', at: vote.at }, deliveredAt: vote.at },
    policy: policy({ slack: null }),
  };
  const everybody = { approver: { DataType: 'String.Array', StringValue: '["Ada","Berta","Cleo"]' } };

  it('is reported with who decided, by which proof, and the task token stays in the ledger', async () => {
    const { invoke, bucket, json, ledger } = await opened(planFile);
    await begun(ledger);
    const request = asked(approved);
    await openRequest(ledger, request);
    const answer = await invoke(ended());
    expect(json('runs/run-1/report.json')).toMatchObject({
      approvals: [vote],
      approval: { outcome: 'approved', requestedBy: 'ci', starter: request.starter, quorum: 1 },
    });
    const told = JSON.stringify([answer, bucket.files, published(), logs()]);
    expect(told).not.toContain(request.taskToken);
    expect(told).not.toContain(request.formKey);
  });

  it('is told to all of them, in one message, with on whose word', async () => {
    const { invoke, ledger } = await opened(planFile);
    await begun(ledger);
    await openRequest(ledger, asked(approved));
    await invoke(ended());
    expect(published()).toMatchObject([{ Subject: 'SUCCEEDED: shop production', MessageAttributes: everybody }]);
    expect(published()[0]!.Message).toContain(
      'Approval: approved by Berta.\n  approved by Berta at 5 Jan 2026, 09:30 UTC, slack T0001/UBERTA01 (high assurance): as agreed\n',
    );
  });

  it.each([
    ['EXPIRED', 'expired'],
    ['REJECTED', 'rejected'],
  ] as const)('is told to have been %s', async (title, decision) => {
    const { invoke, ledger } = await opened(planFile);
    await begun(ledger);
    await openRequest(ledger, asked({ ...approved, votes: [], outcome: { decision, at: vote.at } }));
    await invoke(ended({ Error: 'ApprovalExpired', Cause: 'nobody decided' }));
    expect(published()).toMatchObject([{ Subject: `${title}: shop production`, MessageAttributes: everybody }]);
  });

  describe('in Slack', () => {
    const calls: { url: string; body: { text: string; blocks?: object[] } }[] = [];
    beforeEach(() => {
      calls.length = 0;
      vi.stubEnv('SLACK_SECRET', 'lockstep/slack');
      mocks.secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"botToken":"xoxb-1","signingSecret":"s"}' });
      vi.stubGlobal('fetch', async (url: URL, { body }: { body: string }) => {
        calls.push({ url: String(url), body: JSON.parse(body) });
        return Response.json({ ok: true, channel: 'C0001', ts: '1.2' });
      });
      return () => vi.unstubAllGlobals();
    });

    it('has its message brought up to date', async () => {
      const { invoke, ledger } = await opened(planFile);
      await begun(ledger);
      const slack = { channel: 'C0001', ts: '1.2', blocks: [{ type: 'header' }] };
      await openRequest(ledger, asked({ ...approved, policy: policy(), slack }));
      await invoke(ended());
      expect(calls).toMatchObject([
        { url: 'https://slack.com/api/chat.update', body: { channel: 'C0001', ts: '1.2' } },
      ]);
      expect(JSON.stringify(calls[0]!.body.blocks)).toContain('Run run-1 ended: SUCCEEDED: shop production');
      expect(JSON.stringify(calls[0]!.body.blocks)).not.toContain('lockstep_approve');
    });

    it('is told with the beginning of what went wrong', async () => {
      const { invoke, ledger } = await opened(planFile);
      await begun(ledger);
      await openRequest(ledger, asked({ ...approved, policy: policy() }));
      await invoke(ended({ Error: 'RestorePointFailed', Cause: `no snapshot <!channel> ${'x'.repeat(5_000)}` }));
      expect(calls[0]!.body.text).toMatch(
        /^Run run-1 ended: FAILED: shop production\. RestorePointFailed: no snapshot &lt;!channel&gt; x+$/,
      );
      expect(calls[0]!.body.text.length).toBeLessThan(800);
    });

    it('is told there too if the mail does not go out, and by mail if Slack does not answer', async () => {
      const { invoke, ledger } = await opened(planFile);
      await begun(ledger);
      await openRequest(ledger, asked({ ...approved, policy: policy() }));
      mocks.sns.on(PublishCommand).rejectsOnce(awsError('InternalErrorException'));
      expect(await invoke(ended())).toMatchObject({ status: 'SUCCEEDED' });
      expect(calls).toMatchObject([{ url: 'https://slack.com/api/chat.postMessage' }]);
      vi.stubGlobal('fetch', async () => Response.json({ ok: false, error: 'channel_not_found' }));
      expect(await invoke(ended())).toMatchObject({ status: 'SUCCEEDED' });
      expect(published()).toHaveLength(2);
      expect(logs()).toContain('channel_not_found');
    });
  });
});

describe('a run that people were not asked about, where there is a policy', () => {
  const deployed = { ...planFile, 'policy.json': JSON.stringify(policy({ slack: null })) };
  const inPlace = async () => {
    const it = await opened(deployed);
    vi.stubEnv('POLICY_BUCKET', 'assets');
    vi.stubEnv('POLICY_KEY', 'policy.json');
    return it;
  };
  const approver = { StringValue: '["Ada","Berta","Cleo"]' };

  it('is told to those who would have been: their subscriptions take nothing else', async () => {
    const { invoke, ledger } = await inPlace();
    await begun(ledger, { planned: false });
    await invoke(ended({ Error: 'PlanRefused', Cause: 'x' }));
    expect(published()).toMatchObject([{ Subject: 'FAILED: shop production', MessageAttributes: { approver } }]);
  });

  it('has nothing of the request of an earlier run of the same name', async () => {
    const { invoke, ledger } = await inPlace();
    await begun(ledger);
    await openRequest(ledger, asked({ outcome: { decision: 'rejected', at: 'x' } }));
    await invoke(ended({ Error: 'RunNameTaken', Cause: 'x' }, { run: 'run-1' }));
    expect(published()).toMatchObject([{ Subject: 'FAILED: shop production', MessageAttributes: { approver } }]);
    expect(published()[0]!.Message).not.toContain('Approval:');
  });
});
