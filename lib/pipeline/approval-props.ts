import { Duration } from 'aws-cdk-lib';
import type { ApprovalPolicy, Person } from '../policy/approval-policy.ts';
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
