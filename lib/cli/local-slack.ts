import { createHash, randomBytes } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { failure } from '../failure.ts';
import { objects } from '../ledger/objects.ts';
import type { LocalCloud } from '../local/cloud.ts';
import { ApprovalPolicy, type Person } from '../policy/approval-policy.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';

/** Two Slack apps were wanted in one workspace. */
export const OneSlackApp = failure(
  'OneSlackApp',
  (it: { team: string; environments: string[] }) =>
    `${it.environments.join(' and ')} have Slack apps of their own in workspace ${it.team}, and the local Slack has one app in each workspace. Run them one by one with --environments, or name other workspaces for local runs.`,
);

/**
 * Makes what the pipelines' policies say there is in Slack: workspaces with channels and people, the app in them, and
 * the secrets by which the app is known. Their messages stand on the inbox page, with buttons that work.
 *
 * @throws OneSlackApp
 */
export const openSlack = async (
  cloud: LocalCloud,
  { s3 }: Clients,
  pipelines: Pipeline[],
  tell: (step: string) => void,
): Promise<void> => {
  const wanted: Wanted[] = [];
  for (const pipeline of pipelines) {
    const policy = await policyOf(s3, pipeline);
    if (policy?.slack) wanted.push({ pipeline, people: policy.people, slack: policy.slack });
  }
  if (wanted.length === 0) return;
  const secrets = vaultOf(cloud);
  for (const [team, apps] of Map.groupBy(wanted, teamOf)) {
    const [first] = apps as [Wanted, ...Wanted[]];
    const environments = apps.map(({ pipeline }) => pipeline.environment);
    if (new Set(apps.map(({ slack }) => slack.secret)).size > 1) throw new OneSlackApp({ team, environments });
    if (apps.length > 1) tell(`${environments.join(', ')}: one Slack app, whose buttons reach ${environments[0]} only`);
    const held = await secrets.read(first.slack.secret);
    const webhook = idOf('', first.slack.secret);
    const botToken = held.botToken ?? `xoxb-${randomBytes(24).toString('hex')}`;
    const signingSecret = held.signingSecret ?? randomBytes(16).toString('hex');
    const app = first.slack.mode === 'app';
    // The cloud's port may be another one than the last time.
    const webhookUrl = `${cloud.endpoint}/slack/webhook/${webhook}`;
    await secrets.write(first.slack.secret, app ? { botToken, signingSecret } : { webhookUrl });
    cloud.slack.addWorkspace({
      // People in several workspaces are told apart by its name.
      team: { id: team, domain: first.pipeline.service, name: `${first.pipeline.service} ${environments.join(', ')}` },
      ...{ botToken, signingSecret },
      ...(app ? { requestUrl: `${first.pipeline.approvalUrl}/slack/interactions` } : {}),
      users: apps.flatMap(({ people }) => people.flatMap((person) => userOf(person, app))).filter(once),
      channels: apps.map(channelOf).filter(once),
      webhooks: app ? {} : { [webhook]: { channel: channelOf(first).id } },
    });
  }
};

/** Who approves in an environment, as it was deployed; null where nobody is asked. */
export const policyOf = async (s3: Clients['s3'], { policy }: Pipeline): Promise<ApprovalPolicy | null> =>
  policy ? ApprovalPolicy.parse(await objects(s3, policy.bucket).json(policy.key)) : null;

type Wanted = { pipeline: Pipeline; people: Person[]; slack: NonNullable<ApprovalPolicy['slack']> };

/** An incoming webhook is of one channel, which its address alone knows. */
const teamOf = ({ slack }: Wanted): string => slack.team ?? idOf('T', slack.secret);

const channelOf = ({ pipeline, slack }: Wanted) => ({
  id: slack.channel ?? idOf('C', slack.secret),
  name: `${pipeline.service}-${pipeline.environment}`,
});

/** Whoever has no Slack id may read what a webhook posts, all the same. */
const userOf = ({ name, mail, slack }: Person, app: boolean) => {
  if (app && slack === undefined) return [];
  const id = slack ?? idOf('U', name);
  return [{ id, name: name.toLowerCase(), realName: name, ...(mail ? { email: mail } : {}) }];
};

const once = <It extends { id: string }>({ id }: It, at: number, all: It[]): boolean =>
  all.findIndex((it) => it.id === id) === at;

const idOf = (kind: string, of: string): string =>
  kind + createHash('sha256').update(of).digest('hex').slice(0, 10).toUpperCase();

type Held = { botToken?: string; signingSecret?: string; webhookUrl?: string };

const vaultOf = ({ endpoint, place, environment }: LocalCloud) => {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = environment();
  const client = new SecretsManagerClient({
    ...{ endpoint, region: place.region, credentials: { accessKeyId, secretAccessKey } },
  });
  const read = async (SecretId: string): Promise<Held | undefined> => {
    try {
      return JSON.parse((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '{}');
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  };
  return {
    read: async (name: string): Promise<Held> => (await read(name)) ?? {},
    async write(name: string, value: Held): Promise<void> {
      const SecretString = JSON.stringify(value);
      if (await read(name)) await client.send(new PutSecretValueCommand({ SecretId: name, SecretString }));
      else await client.send(new CreateSecretCommand({ Name: name, SecretString }));
    },
  };
};
