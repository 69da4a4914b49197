import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach } from 'vitest';
import { approvalApp } from '../../lib/approval/approval-app.ts';
import type { Previous } from '../../lib/approval/mail.ts';
import { highest } from '../../lib/approval/summary.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { bundleKey, objects, runKey } from '../../lib/ledger/objects.ts';
import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import { getRequest, openRequest, putLink } from '../../lib/ledger/requests.ts';
import type { Table } from '../../lib/ledger/table.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { canonical, digest } from '../../lib/migrations/digest.ts';
import { inWavesOf } from '../fleet/samples.ts';
import { itemsOf, ledgers, memoryBucket } from '../ledger/harness.ts';
import { asked, at } from './request.ts';
import { sampleBundle, sampleFleet } from './sample.ts';

export const TOKEN = asked().taskToken;
export { sampleBundle };

type Opening = {
  bundle?: Bundle;
  fleet?: Parameters<typeof makePlan>[1];
  environment?: string;
  waveSize?: number;
  revert?: string | null;
  previous?: Previous | null;
  request?: Partial<ApprovalRequest>;
};

/** Approval pages over a ledger of their own for each test of a file; `sfn` is the mocked Step Functions. */
export const approvalPages = () => {
  const { table } = ledgers();
  const sfn = mockClient(SFNClient);

  beforeEach(() => {
    sfn.reset();
    sfn.onAnyCommand().rejects(new Error('this test did not expect that call'));
    sfn.on(SendTaskHeartbeatCommand).resolves({});
    sfn.on(SendTaskSuccessCommand).resolves({});
    sfn.on(SendTaskFailureCommand).resolves({});
  });

  /** A request at half past nine, and one link for each person; `get` and `post` go by Ada's unless told otherwise. */
  const opened = async ({ environment = 'production', previous = null, ...it }: Opening = {}) => {
    const { bundle = sampleBundle, fleet = sampleFleet, waveSize = 1, revert = null } = it;
    const ledger = await table();
    const named = { service: 'shop', environment, digest: digest(bundle) };
    const { plan, planDigest } = makePlan(bundle, fleet, {
      ...named,
      rollout: inWavesOf(waveSize),
      revert,
      policy: 'p',
      fleet: 'f',
      version: '1.0.0',
    });
    const bucket = memoryBucket({
      [bundleKey(digest(bundle))]: canonical(bundle),
      [runKey('run-1', 'plan')]: JSON.stringify({ ...plan, planDigest, previous, dataApiCalls: {} }),
    });
    const request = asked({
      ...{ ...named, planDigest, direction: plan.direction, risk: highest(plan) },
      ...it.request,
    });
    await openRequest(ledger, request);
    const clock = { now: at('09:30:00') };
    const surroundings = {
      ...{ table: counted(ledger), sfn: new SFNClient({ region: 'eu-west-1' }), now: () => clock.now },
      objects: objects(bucket.client, 'bucket'),
    };
    const app = approvalApp(() => surroundings);
    const link = (person: string | null, run = 'run-1') =>
      putLink(ledger, { run, person, createdAt: request.createdAt }).then((id) => `/approvals/${id}`);
    const path = await link('Ada');
    const get = async (to = path, init: RequestInit = {}) => told(await app.request(to, init));
    const post = async (form: Record<string, string>, to = path, headers: Record<string, string> = {}) =>
      told(await app.request(to, { method: 'POST', body: new URLSearchParams(form), headers }));
    const nonce = async (of = path) => /name="nonce" value="([^"]+)"/.exec((await get(of)).text)?.[1] ?? '';
    /** Opens the page and sends its form, as a person does. */
    const send = async (form: Record<string, string>, to = path) =>
      post({ nonce: await nonce(to), environment, ...form }, to);
    return {
      ...{ app, surroundings, ledger, bucket, clock, plan, planDigest, path, link, get, post, nonce, send },
      writes: () => surroundings.table.writes(),
      held: async () => (await getRequest(ledger, 'run-1'))!,
      items: () => itemsOf(ledger),
    };
  };

  /** What Step Functions was told, in order. */
  const sent = () =>
    sfn
      .calls()
      .map(({ args: [command] }) => ({ command: command.constructor.name, ...command.input }))
      // Asking whether the run still waits tells it nothing.
      .filter(({ command }) => command !== 'SendTaskHeartbeatCommand');

  return { opened, sfn, sent };
};

/** A ledger that counts what is written to it, whether or not it changes anything. */
const counted = ({ client, name }: Table) => {
  let writes = 0;
  const send = (command: object) => {
    if (!['GetCommand', 'QueryCommand'].includes(command.constructor.name)) writes += 1;
    return client.send(command as never);
  };
  return { name, client: { send } as unknown as Table['client'], writes: () => writes };
};

const told = async (response: Response) => ({
  status: response.status,
  headers: response.headers,
  text: await response.text(),
});
