import { type Duration, Stack, Validations } from 'aws-cdk-lib';
import { CompositePrincipal, type IPrincipal, Role, type RoleProps, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { EvidenceName } from '../policy/promotion/statements.ts';
import { grantedWildcards } from './grants.ts';
import type { MigrationPipeline } from './migration-pipeline.ts';
import { InvalidProps } from './props.ts';

export type GitHubRoleProps = {
  /** The repository whose workflows may take the role: `owner/name`, as GitHub spells it. */
  repository: string;
  /** What GitHub calls the repository in a token's `sub`, where that was customized. @default repo:owner/name */
  subject?: string;
  /** ARN of the account's OIDC provider for `token.actions.githubusercontent.com`. @default the one of that name */
  providerArn?: string;
  /** @default one that CloudFormation makes up */
  roleName?: string;
  /** How long a job's credentials may last at most. @default 1 hour */
  maxSessionDuration?: Duration;
};

/**
 * For workflows of any branch and any pull request: has bundles planned, and can change nothing. What a workflow does
 * its branch says itself, so no branch is trusted with more.
 */
export class GitHubPlanRole extends Role {
  constructor(scope: Construct, id: string, props: GitHubRoleProps & { pipelines: MigrationPipeline[] }) {
    const subject = subjectOf(`${scope.node.path}/${id}`, props);
    const anyBranch = new CompositePrincipal(
      trusted(scope, props, { StringEquals: { ...AUDIENCE, [SUBJECT]: `${subject}:pull_request` } }),
      // Names of branches are not known beforehand; they are bound to the repository all the same.
      trusted(scope, props, { StringEquals: AUDIENCE, StringLike: { [SUBJECT]: `${subject}:ref:refs/heads/*` } }),
    );
    super(scope, id, roleOf(props, anyBranch, `Lets workflows of ${props.repository} plan migrations.`));
    for (const pipeline of props.pipelines) {
      pipeline.grantPlan(this);
      acknowledge(this, grantedWildcards(this.stack, pipeline.granted).plan);
    }
  }
}

/**
 * For workflows that run in one GitHub environment: starts runs and follows them, says how checks went, and can approve
 * nothing. From which branches one may deploy to that environment, and who has to agree, are protection rules of GitHub's.
 */
export class GitHubRunRole extends Role {
  constructor(
    scope: Construct,
    id: string,
    props: GitHubRoleProps & {
      pipeline: MigrationPipeline;
      /** The GitHub environment that the job names. @default the pipeline's environment */
      environment?: string;
      /** Names of the checks that its jobs may say the result of, as `e2e`. @default none */
      attests?: string[];
    },
  ) {
    const { pipeline, environment = pipeline.environment, attests = [] } = props;
    const path = `${scope.node.path}/${id}`;
    const problems = [
      ...(/^[\w.-]+$/.test(environment) ? [] : [`environment: letters, digits, and _ . - only, not ${environment}`]),
      ...attests.filter((it) => !EvidenceName.safeParse(it).success).map((it) => `attests: no check is called ${it}`),
    ];
    if (problems.length > 0) throw new InvalidProps({ pipeline: path, problems });
    const subject = `${subjectOf(path, props)}:environment:${environment}`;
    const bound = trusted(scope, props, { StringEquals: { ...AUDIENCE, [SUBJECT]: subject } });
    const description = `Lets workflows of ${props.repository} in ${environment} run migrations.`;
    super(scope, id, roleOf(props, bound, description));
    pipeline.grantRun(this);
    if (attests.length > 0) pipeline.grantAttest(this, attests);
    const { plan, run, attest } = grantedWildcards(this.stack, pipeline.granted, attests);
    acknowledge(this, [...plan, ...run, ...attest]);
  }
}

const ISSUER = 'token.actions.githubusercontent.com';
const SUBJECT = `${ISSUER}:sub`;
const AUDIENCE = { [`${ISSUER}:aud`]: 'sts.amazonaws.com' };

/** A pattern here would let other people's repositories in. @throws InvalidProps */
const subjectOf = (path: string, { repository, subject = `repo:${repository}` }: GitHubRoleProps): string => {
  const problems = [
    ...(/^[\w.-]+\/[\w.-]+$/.test(repository) ? [] : [`repository: owner/name, not ${JSON.stringify(repository)}`]),
    ...(/^[\w.:/@-]+$/.test(subject) ? [] : [`subject: no wildcards and no blanks, not ${JSON.stringify(subject)}`]),
  ];
  if (problems.length > 0) throw new InvalidProps({ pipeline: path, problems });
  return subject;
};

const trusted = (scope: Construct, { providerArn }: GitHubRoleProps, conditions: Record<string, unknown>) => {
  const { partition, account } = Stack.of(scope);
  return new WebIdentityPrincipal(
    providerArn ?? `arn:${partition}:iam::${account}:oidc-provider/${ISSUER}`,
    conditions,
  );
};

const roleOf = (
  { roleName, maxSessionDuration }: GitHubRoleProps,
  assumedBy: IPrincipal,
  description: string,
): RoleProps => ({
  ...{ assumedBy, description },
  ...(roleName === undefined ? {} : { roleName }),
  ...(maxSessionDuration === undefined ? {} : { maxSessionDuration }),
});

/** What is granted ends in names that are not known at deployment, below a prefix that holds such only. */
const acknowledge = (role: Role, patterns: string[]): void => {
  Validations.of(role).acknowledge(
    ...patterns.map((resource) => ({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`,
      reason:
        'Bundles, runs and previews get their names when they are made; the pattern ends below a prefix of theirs.',
    })),
  );
};
