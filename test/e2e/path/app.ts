import { App, Duration, Stack } from 'aws-cdk-lib';
import { Approval, MigrationPipeline, type MigrationPipelineProps } from '../../../lib/index.ts';
import { ACCOUNTS, CLERK, people } from './people.ts';

// Four environments in two accounts, and a short way for what can't wait.
const app = new App();

const pipeline = (
  account: string,
  environment: string,
  more: Partial<MigrationPipelineProps> = {},
): MigrationPipeline =>
  new MigrationPipeline(new Stack(app, environment, { env: { account, region: 'us-east-1' } }), 'Migrations', {
    service: 'shop',
    environment,
    fleet: [{ cluster: `shop-${environment}`, secret: `lockstep/shop-${environment}`, databases: ['shop'] }],
    ...more,
  });

const dev = pipeline(ACCOUNTS.build, 'dev');
const test = pipeline(ACCOUNTS.build, 'test', { promotion: [{ after: [dev] }] });
const staging = pipeline(ACCOUNTS.live, 'staging', {
  promotion: [{ after: [test], evidence: ['e2e'], automatic: true }],
});
pipeline(ACCOUNTS.live, 'production', {
  promotion: [
    {
      after: [staging],
      soak: Duration.hours(2),
      evidence: [{ name: 'change-ticket', matching: 'CHG\\d{7}', by: [CLERK], in: 'production' }],
    },
    { name: 'hotfix', after: [dev], evidence: [{ name: 'incident', matching: 'INC\\d+' }], approvals: 2 },
  ],
  approval: Approval.by({ people, rules: { low: 1, medium: 1, high: 1 }, mailLinkIsEnough: true }),
});
