import { Duration } from 'aws-cdk-lib';
import { ApprovalPolicy, type Person } from '../policy/approval-policy.ts';
import type { Risk } from '../policy/risk.ts';

/** Where people are asked in Slack. */
export type SlackProps =
  | {
      /** A Slack app: messages with buttons, kept up to date. See the manifest in README. */
      mode: 'app';
      /** Name or complete ARN of a secret that holds `{"botToken": "xoxb-…", "signingSecret": "…"}`. */
      secret: string;
      /** Ids of the workspace and of the channel, as T012AB3CD and C012AB3CD. */
      team: string;
      channel: string;
    }
  | {
      /** An incoming webhook: messages with a link, no buttons. */
      mode: 'webhook';
      /** Name or complete ARN of a secret that holds `{"webhookUrl": "https://hooks.slack.com/…"}`. */
      secret: string;
    };

export type ApprovalProps = {
  people: Person[];
  /** Names of people by the name of a group. */
  groups?: Record<string, string[]>;
  /**
   * How many distinct people have to approve, by the risk of the plan's most dangerous migration, and out of which
   * people and groups. A number means: out of all people.
   * @default 1 for low and medium, 2 for high, where there are that many
   */
  rules?: Partial<Record<Risk['risk'], number | { approvals: number; by: string[] }>>;
  /** How long people have; afterwards the run ends without having changed anything. @default 1 day */
  expiresAfter?: Duration;
  /** How long before that they are reminded; 0 for never. @default an eighth of the time they have */
  remindBefore?: Duration;
  /**
   * Who started a run, or wrote one of the commits that CI reports, never counts among its approvers.
   * @default true
   */
  fourEyes?: boolean;
  /**
   * Whether the link in a mail is proof enough of who approves. Where it isn't, mail tells, and people approve in
   * Slack or with `lockstep approve`.
   * @default true, except in production
   */
  mailLinkIsEnough?: boolean;
  /** People and groups who may, with a reason and an alarm, let a run go ahead alone. @default nobody */
  breakGlass?: { by: string[] };
  slack?: SlackProps;
};

/** Whether people have to approve a plan before it is carried out. */
export type Approval = { required: false } | ({ required: true } & ApprovalProps);

export const Approval = {
  none: (): Approval => ({ required: false }),

  /** People approve, by rules. */
  by: (props: ApprovalProps): Approval => ({ required: true, ...props }),

  /** Any one of these people approves, by the link in a mail: the least proof of who it is. */
  byMail: (addresses: string[], it: { expiresAfter?: Duration; remindBefore?: Duration } = {}): Approval => ({
    required: true,
    people: addresses.map((mail) => ({ name: mail, mail })),
    rules: { low: 1, medium: 1, high: 1 },
    mailLinkIsEnough: true,
    ...it,
  }),
};

/** What is deployed of the props; null where nobody is asked. */
export const policyOf = (approval: Approval, production: boolean): ApprovalPolicy | null => {
  if (!approval.required) return null;
  const { people, groups = {}, expiresAfter = Duration.days(1), slack } = approval;
  const all = people.map(({ name }) => name);
  const rule = (risk: Risk['risk']) => {
    const said = approval.rules?.[risk] ?? (risk === 'high' ? Math.min(2, all.length) : 1);
    return typeof said === 'number' ? { approvals: said, by: all } : said;
  };
  return {
    people,
    groups,
    rules: { low: rule('low'), medium: rule('medium'), high: rule('high') },
    fourEyes: approval.fourEyes ?? true,
    mailLinkIsEnough: approval.mailLinkIsEnough ?? !production,
    expiresAfter: expiresAfter.toSeconds(),
    remindBefore: (approval.remindBefore ?? Duration.seconds(Math.floor(expiresAfter.toSeconds() / 8))).toSeconds(),
    breakGlass: approval.breakGlass ?? null,
    slack: slack
      ? {
          mode: slack.mode,
          secret: slack.secret,
          team: slack.mode === 'app' ? slack.team : null,
          channel: slack.mode === 'app' ? slack.channel : null,
        }
      : null,
  };
};

/** Everything that makes a policy one by which nobody, or the wrong ones, could approve. */
export const approvalProblems = (approval: Approval, production: boolean): string[] => {
  if (!approval.required) return [];
  const times = timeProblems(approval);
  if (times.length > 0) return times;
  const policy = policyOf(approval, production)!;
  const shape = ApprovalPolicy.safeParse(policy).error?.issues ?? [];
  if (shape.length > 0) return shape.map(({ path, message }) => `approval.${path.join('.')}: ${message}`);
  return [...namingProblems(policy), ...ruleProblems(policy), ...assuranceProblems(policy)];
};

const timeProblems = ({ expiresAfter, remindBefore }: ApprovalProps): string[] => {
  const whole = (duration: Duration) => duration.toMilliseconds() % 1000 === 0;
  const least = Duration.minutes(1);
  // An execution of Step Functions ends after a year; its time-outs are whole seconds.
  const most = Duration.days(365);
  const problems: string[] = [];
  if (expiresAfter && !(whole(expiresAfter) && between(expiresAfter, least, most)))
    problems.push('approval.expiresAfter: whole seconds, between one minute and one year');
  if (
    remindBefore &&
    !(whole(remindBefore) && between(remindBefore, Duration.seconds(0), expiresAfter ?? Duration.days(1)))
  )
    problems.push('approval.remindBefore: whole seconds, less than expiresAfter');
  return problems;
};

const between = (it: Duration, least: Duration, most: Duration): boolean =>
  it.toMilliseconds() >= least.toMilliseconds() && it.toMilliseconds() <= most.toMilliseconds();

/** One human may not be two people: by that, a quorum of two could be one. */
const namingProblems = ({ people, groups }: ApprovalPolicy): string[] => {
  const names = people.map(({ name }) => name);
  const proofs = people
    .flatMap(({ mail, slack, iam = [] }) => [mail?.toLowerCase(), slack, ...iam])
    .filter((it) => it !== undefined);
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

const ruleProblems = (policy: ApprovalPolicy): string[] => {
  const known = new Set([...policy.people.map(({ name }) => name), ...Object.keys(policy.groups)]);
  const unknown = (where: string, names: string[]) =>
    names.filter((it) => !known.has(it)).map((it) => `approval.${where}: ${it} is neither a person nor a group`);
  return [
    ...Object.entries(policy.rules).flatMap(([risk, { approvals, by }]) => {
      const people = new Set(by.flatMap((name) => policy.groups[name] ?? [name]));
      const short =
        approvals > people.size ? [`approval.rules.${risk}: ${approvals} have to approve, out of ${people.size}`] : [];
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
  const glass = (policy.breakGlass?.by ?? []).flatMap((name) => policy.groups[name] ?? [name]);
  return [
    ...unable.map((person) =>
      person.mail && !policy.mailLinkIsEnough
        ? `approval.people: ${person.name} could approve by the link in a mail only, which does not prove who opens it. Name a Slack user or an IAM principal, or say mailLinkIsEnough: true`
        : `approval.people: ${person.name} has no way to approve. Name a mail address, a Slack user with slack.mode 'app', or an IAM principal`,
    ),
    ...policy.people
      .filter(({ name, iam = [] }) => glass.includes(name) && iam.length === 0)
      .map(({ name }) => `approval.breakGlass: ${name} has no IAM principal, which breaking the glass asks for`),
  ];
};

const twice = (names: string[]): string[] => [...new Set(names.filter((it, at) => names.indexOf(it) !== at))];
