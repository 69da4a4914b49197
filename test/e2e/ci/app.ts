import { App, Duration, Stack } from 'aws-cdk-lib';
import { ArnPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Approval, GitHubPlanRole, GitHubRunRole, MigrationPipeline, RestorePoint } from '../../../lib/index.ts';
import { sampleFleet } from '../../../lib/pipeline/sample-fleet.ts';

// Two environments, and the roles that GitHub's workflows take.
const app = new App();
const repository = 'acme/orders';

/** Checks that production wants to see, if any. */
const evidence: string[] = app.node.tryGetContext('evidence')?.split(' ') ?? [];

const made: MigrationPipeline[] = [];
const pipelines = ['staging', 'production'].map((environment) => {
  const stack = new Stack(app, environment);
  const pipeline = new MigrationPipeline(stack, 'Migrations', {
    ...{ service: 'orders', environment, fleet: sampleFleet(environment, { clusters: 2, databases: 1 }) },
    restorePoint: RestorePoint.pointInTime(),
    ...(environment === 'production'
      ? {
          approval: Approval.byMail(['dba@example.com'], { expiresAfter: Duration.hours(1) }),
          promotion: [{ after: [...made], evidence: evidence.map((name) => ({ name, in: 'staging' })) }],
        }
      : {}),
  });
  made.push(pipeline);
  const role = new GitHubRunRole(stack, 'Run', {
    ...{ repository, pipeline, roleName: `run-${environment}`, attests: ['e2e'] },
  });
  return { pipeline, role };
});
const branches = new Stack(app, 'branches');
const plan = new GitHubPlanRole(branches, 'Plan', {
  ...{ repository, roleName: 'plan' },
  pipelines: pipelines.map(({ pipeline }) => pipeline),
});

// Nobody can come with a token of GitHub's here: a user may take the roles as well.
for (const role of [plan, ...pipelines.map(({ role }) => role)]) {
  const github = new ArnPrincipal('arn:aws:iam::000000000000:user/github');
  role.assumeRolePolicy?.addStatements(new PolicyStatement({ actions: ['sts:AssumeRole'], principals: [github] }));
}
