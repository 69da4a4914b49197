import { Duration } from 'aws-cdk-lib';
import { SecretName } from '../fleet/secret-name.ts';
import { ApprovalPolicy, isPrincipal, members, type Person } from '../policy/approval-policy.ts';
import { type Approval, type ApprovalProps, policyOf } from './approval-props.ts';

/** Everything that makes a policy one by which nobody, or the wrong ones, could approve. */
export const approvalProblems = (approval: Approval, production: boolean): string[] => {
  if (!approval.required) return [];
  const times = timeProblems(approval);
  if (times.length > 0) return times;
  const policy = policyOf(approval, production)!;
  const shape = ApprovalPolicy.safeParse(policy).error?.issues ?? [];
  if (shape.length > 0) return shape.map(({ path, message }) => `approval.${path.join('.')}: ${message}`);
  return [
    ...namingProblems(policy),
    ...principalProblems(policy),
    ...ruleProblems(policy),
    ...assuranceProblems(policy),
    ...reachProblems(policy),
    ...slackProblems(policy),
  ];
};

const timeProblems = ({ expiresAfter = Duration.days(1), remindBefore }: ApprovalProps): string[] => {
  const whole = (duration: Duration) => duration.toMilliseconds() % 1000 === 0;
  // Step Functions ends an execution after a year, whatever it waits for: it would never come to its report.
  const inTime = (it: Duration) => it.toMilliseconds() >= 60_000 && it.toMilliseconds() <= 364 * 86_400_000;
  return [
    ...(whole(expiresAfter) && inTime(expiresAfter)
      ? []
      : ['approval.expiresAfter: whole seconds, between one minute and 364 days']),
    ...(remindBefore && !(whole(remindBefore) && remindBefore.toMilliseconds() < expiresAfter.toMilliseconds())
      ? ['approval.remindBefore: whole seconds, less than expiresAfter']
      : []),
  ];
};

/** One human may not be two people: by that, a quorum of two could be one. */
const namingProblems = ({ people, groups }: ApprovalPolicy): string[] => {
  const names = people.map(({ name }) => name);
  const proofs = people.flatMap(({ mail, slack, iam = [] }) => [
    ...new Set([mail?.toLowerCase(), slack, ...iam].filter((it) => it !== undefined)),
  ]);
  const known = new Set(names);
  return [
    ...twice(names).map((it) => `approval.people: ${it} stands there twice`),
    ...twice(proofs).map((it) => `approval.people: ${it} belongs to two people, so one could count as two`),
    ...Object.keys(groups)
      .filter((it) => known.has(it))
      .map((it) => `approval.groups: ${it} is the name of a person as well`),
    ...Object.entries(groups).flatMap(([group, members]) =>
      members.filter((it) => !known.has(it)).map((it) => `approval.groups.${group}: ${it} is not among the people`),
    ),
  ];
};

/** Whoever may assume a role names the session as they like, so it may not be one person's and a session of it another's. */
const principalProblems = ({ people }: ApprovalPolicy): string[] =>
  people.flatMap((owner) =>
    people
      .filter((other) => other !== owner)
      .flatMap((other) =>
        (other.iam ?? [])
          .filter((session) => (owner.iam ?? []).some((role) => role !== session && isPrincipal(role, session)))
          .map((it) => `approval.people: ${it} is ${other.name}'s, and a session of a role that is ${owner.name}'s`),
      ),
  );

const ruleProblems = (policy: ApprovalPolicy): string[] => {
  const known = new Set([...policy.people.map(({ name }) => name), ...Object.keys(policy.groups)]);
  const unknown = (where: string, names: string[]) =>
    names.filter((it) => !known.has(it)).map((it) => `approval.${where}: ${it} is neither a person nor a group`);
  return [
    ...Object.entries(policy.rules).flatMap(([risk, { approvals, by }]) => {
      const people = members(policy, by);
      const short =
        approvals > people.length
          ? [`approval.rules.${risk}: ${approvals} have to approve, out of ${people.length}`]
          : [];
      return [...unknown(`rules.${risk}`, by), ...short];
    }),
    ...unknown('breakGlass', policy.breakGlass?.by ?? []),
  ];
};

/** Whoever could only approve by a proof that is not enough could not approve at all. */
const assuranceProblems = (policy: ApprovalPolicy): string[] => {
  const app = policy.slack?.mode === 'app';
  const able = ({ mail, slack, iam = [] }: Person) =>
    iam.length > 0 || (app && slack !== undefined) || (policy.mailLinkIsEnough && mail !== undefined);
  const unable = policy.people.filter((person) => !able(person));
  return [
    ...unable.map((person) =>
      person.mail && !policy.mailLinkIsEnough
        ? `approval.people: ${person.name} could approve by the link in a mail only, which does not prove who opens it. Name a Slack user or an IAM principal, or say mailLinkIsEnough: true`
        : `approval.people: ${person.name} has no way to approve. Name a mail address, a Slack user with slack.mode 'app', or an IAM principal`,
    ),
    ...members(policy, policy.breakGlass?.by ?? [])
      .filter(({ iam = [] }) => iam.length === 0)
      .map(({ name }) => `approval.breakGlass: ${name} has no IAM principal, which breaking the glass asks for`),
  ];
};

/** Every run would be refused when it is admitted: who approves must hear of it, not look for it. */
const reachProblems = (policy: ApprovalPolicy): string[] => {
  const hears = ({ mail, slack, iam = [] }: Person) =>
    mail !== undefined ||
    policy.slack?.mode === 'webhook' ||
    (policy.slack?.mode === 'app' && (slack !== undefined || iam.length > 0));
  return Object.entries(policy.rules).flatMap(([risk, { approvals, by }]) => {
    const people = members(policy, by);
    const hearing = people.filter(hears).length;
    return people.length >= approvals && hearing < approvals
      ? [
          `approval.rules.${risk}: ${approvals} have to approve, and ${hearing === 0 ? 'nobody' : `only ${hearing}`} would hear of it. Name mail addresses, or slack`,
        ]
      : [];
  });
};

const slackProblems = ({ slack }: ApprovalPolicy): string[] => {
  if (slack === null) return [];
  const wrong = SecretName.safeParse(slack.secret).error?.issues.map(({ message }) => `secret: ${message}`) ?? [];
  if (slack.mode === 'app') {
    if (!/^T[A-Z0-9]{2,30}$/.test(slack.team ?? '')) wrong.push('team: the id of a workspace, as T012AB3CD');
    if (!/^[CG][A-Z0-9]{2,30}$/.test(slack.channel ?? '')) wrong.push('channel: the id of a channel, as C012AB3CD');
  }
  return wrong.map((it) => `approval.slack.${it}`);
};

const twice = (names: string[]): string[] => [...new Set(names.filter((it, at) => names.indexOf(it) !== at))];
