import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll } from 'vitest';
import { approvalLink, decideByPage } from '../../lib/cli/decide-by-page.ts';
import { type Deployed, openLocalCloud } from '../../lib/cli/local-cloud.ts';
import { realClock } from '../../lib/local/clock.ts';

/** Staging and production with the roles of GitHub's workflows, in real time; one for a test file. */
export const ciStage = (context: Record<string, string> = {}) => {
  let deployed: Deployed;
  let github: { accessKeyId: string; secretAccessKey: string };
  beforeAll(async () => {
    deployed = await openLocalCloud({ clock: realClock, context, tell: () => {}, app: 'test/e2e/ci' });
    const may = { Effect: 'Allow' as const, Action: 'sts:AssumeRole', Resource: '*' };
    github = deployed.cloud.createUser({ name: 'github', statements: [may] }).accessKey;
  });
  afterAll(() => deployed.close());
  return {
    get deployed() {
      return deployed;
    },
    pipeline: (environment: string) => deployed.pipelines.find((it) => it.environment === environment)!,
    /** Variables by which a process has the role, as `configure-aws-credentials` leaves them. */
    async as(role: string, session = 'GitHubActions'): Promise<Record<string, string>> {
      const { endpoint, place } = deployed.cloud;
      const sts = new STSClient({ endpoint, region: place.region, credentials: github });
      const RoleArn = `arn:aws:iam::${place.account}:role/${role}`;
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: session }));
      return {
        ...deployed.cloud.environment(),
        AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
        AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
        AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
      };
    },
    /** The link in the next mail that asks for approval in production. */
    asked: () =>
      new Promise<string>((resolve) => {
        const { approvalUrl } = deployed.pipelines.find(({ environment }) => environment === 'production')!;
        const end = deployed.cloud.inbox.on(({ body }) => {
          const link = approvalLink(body, approvalUrl);
          if (link === undefined) return;
          end();
          resolve(link);
        });
      }),
    approve: (link: string) => decideByPage(link, { decision: 'approved', environment: 'production', reason: '' }),
  };
};
