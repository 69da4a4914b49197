import { App, Duration, Stack } from 'aws-cdk-lib';
import { Approval, MigrationPipeline } from '../../../lib/index.ts';
import { ada, berta, people } from './people.ts';

// A service with one small cluster per environment, and a policy of its own in each. The context value `environments`
// says which are wanted.
const app = new App();
const wanted = String(app.node.tryGetContext('environments')).split(',');

const slack = (environment: string) => ({
  mode: 'app' as const,
  secret: `lockstep/slack-${environment}`,
  team: `T0${environment.toUpperCase()}`,
  channel: `C0${environment.toUpperCase()}`,
});

const approvals: Record<string, Approval> = {
  /** One approves, two where it is dangerous; by mail, Slack or IAM. */
  production: Approval.by({
    people,
    groups: { oncall: ['Carl'] },
    rules: { low: 1, medium: 1, high: 2 },
    expiresAfter: Duration.hours(8),
    remindBefore: Duration.hours(2),
    mailLinkIsEnough: true,
    breakGlass: { by: ['Ada', 'oncall'] },
    slack: slack('production'),
  }),
  /** Two people, and both have to approve. */
  duo: Approval.by({
    people: [ada, berta],
    rules: { low: 2, medium: 2, high: 2 },
    expiresAfter: Duration.hours(1),
    mailLinkIsEnough: true,
    slack: slack('duo'),
  }),
  /** Mail and an incoming webhook tell, IAM proves. */
  strict: Approval.by({
    people: [ada, berta],
    rules: { low: 1, medium: 1, high: 1 },
    mailLinkIsEnough: false,
    slack: { mode: 'webhook', secret: 'lockstep/webhook' },
  }),
};

for (const [environment, approval] of Object.entries(approvals)) {
  if (!wanted.includes(environment)) continue;
  new MigrationPipeline(new Stack(app, environment), 'Migrations', {
    service: 'shop',
    environment,
    fleet: [{ cluster: `shop-${environment}`, secret: `lockstep/shop-${environment}`, databases: ['shop'] }],
    approval,
  });
}
