import * as z from 'zod';
import type { Risk } from './risk.ts';

const Name = z.string().min(1).max(80);

/** Somebody who may approve, and every way in which they can prove who they are. One human is one person here. */
export const Person = z.strictObject({
  name: Name,
  mail: z.email().optional(),
  /** Slack's id of the user: `U012AB3CD`. */
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,30}$/, 'a Slack user id, as U012AB3CD')
    .optional(),
  /**
   * ARNs of IAM users, of sessions of a role (`arn:aws:sts::…:assumed-role/Admin/ada@example.com`), or of roles. A role
   * stands for one person, however many sessions it has: who assumes it chooses the session's name.
   */
  iam: z
    .array(
      z
        .string()
        .regex(
          /^arn:aws[\w-]*:(iam::\d{12}:(user|role)\/[\w+=,.@/-]+|sts::\d{12}:assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+)$/,
          'the ARN of an IAM user, of a role, or of a session of a role',
        ),
    )
    .optional(),
  /** By what CI names them as the author of a commit, besides their mail address. */
  commits: z.array(z.string().min(1)).optional(),
});

export type Person = z.infer<typeof Person>;

/** How many distinct people have to approve, out of these people and groups. */
const Rule = z.strictObject({ approvals: z.int().min(1).max(20), by: z.array(Name).min(1) });

/** Who may approve what, as it is deployed with the pipeline. */
export const ApprovalPolicy = z.strictObject({
  people: z.array(Person).min(1),
  groups: z.record(Name, z.array(Name).min(1)),
  rules: z.strictObject({ low: Rule, medium: Rule, high: Rule }),
  /** Who started a run, and who wrote its commits, never count among those who approve it. */
  fourEyes: z.boolean(),
  /** Whether a link in a mail is proof enough of who approves. Mail is read by scanners and forwarded by people. */
  mailLinkIsEnough: z.boolean(),
  /** Seconds until a request expires, and seconds before that when people are reminded; 0 for never. */
  expiresAfter: z.int().min(60).max(31_536_000),
  remindBefore: z.int().min(0),
  /** Who may, with a reason and an alarm, let a run go ahead alone. */
  breakGlass: z.strictObject({ by: z.array(Name).min(1) }).nullable(),
  /** Where in Slack people are asked; `secret` holds botToken and signingSecret, or webhookUrl. */
  slack: z
    .strictObject({
      mode: z.enum(['app', 'webhook']),
      secret: z.string(),
      team: z.string().nullable(),
      channel: z.string().nullable(),
    })
    .nullable(),
});

export type ApprovalPolicy = z.infer<typeof ApprovalPolicy>;

/** Where nobody is named, as in an environment without approval: whoever IAM lets ask may answer, alone. */
export const anybodyByIam: ApprovalPolicy = {
  people: [],
  groups: {},
  rules: { low: { approvals: 1, by: [] }, medium: { approvals: 1, by: [] }, high: { approvals: 1, by: [] } },
  fourEyes: false,
  mailLinkIsEnough: false,
  expiresAfter: 86_400,
  remindBefore: 10_800,
  breakGlass: null,
  slack: null,
};

/** How somebody has shown who they are. A link in a mail is low assurance, the other two are high. */
export type Identity =
  | { channel: 'mail'; person: string }
  | { channel: 'slack'; team: string; user: string }
  | { channel: 'iam'; arn: string };

export type Assurance = 'low' | 'high';

export const assuranceOf = ({ channel }: Identity): Assurance => (channel === 'mail' ? 'low' : 'high');

/** What identity is written down for an auditor: `mail ada@example.com`, `slack T1/U1`, or an ARN. */
export const shown = (policy: ApprovalPolicy, identity: Identity): string => {
  if (identity.channel === 'iam') return identity.arn;
  if (identity.channel === 'slack') return `slack ${identity.team}/${identity.user}`;
  return `mail ${policy.people.find(({ name }) => name === identity.person)?.mail ?? identity.person}`;
};

/** The person an identity belongs to, if the policy knows one. */
export const identify = (policy: ApprovalPolicy, identity: Identity): Person | undefined => {
  switch (identity.channel) {
    case 'mail':
      return policy.people.find(({ name }) => name === identity.person);
    case 'slack':
      return identity.team === policy.slack?.team
        ? policy.people.find(({ slack }) => slack === identity.user)
        : undefined;
    case 'iam':
      if (policy.people.length === 0) return { name: identity.arn };
      return policy.people.find(({ iam = [] }) => iam.some((listed) => isPrincipal(listed, identity.arn)));
  }
};

/**
 * Whether a caller's ARN is the listed principal. A caller who has assumed a role shows as
 * `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, without the role's path.
 */
export const isPrincipal = (listed: string, caller: string): boolean => {
  if (listed === caller) return true;
  const [, partition, service, , account, ...rest] = listed.split(':');
  const resource = rest.join(':');
  if (service !== 'iam' || !resource.startsWith('role/')) return false;
  return caller.startsWith(`arn:${partition}:sts::${account}:assumed-role/${resource.split('/').at(-1)}/`);
};

/** People named by themselves or by a group, each once, in the order of the policy. */
export const members = (policy: ApprovalPolicy, names: string[]): Person[] => {
  const wanted = new Set(names.flatMap((name) => policy.groups[name] ?? [name]));
  return policy.people.filter(({ name }) => wanted.has(name));
};

/** Who started a run: the ARN that was proven when it was announced, if it was; and who wrote its commits, by CI's word. */
export type Origin = { starter: string | null; authors: string[] };

export type Jury = {
  /** Names of those who may approve. */
  approvers: string[];
  /** Number of distinct people that have to. */
  quorum: number;
  /** Those who never count, and why. */
  barred: { person: string; because: string }[];
};

/** What a path to an environment asks for beyond the policy. */
export type Stricter = { approvals: number | null; by: string[] | null };

/**
 * Who decides about a plan of this risk. Where it is unknown who started the run, one more approval than the rule says
 * is asked for: whoever it was, enough others remain.
 */
export const juryOf = (
  policy: ApprovalPolicy,
  risk: Risk['risk'],
  { starter, authors }: Origin,
  stricter: Stricter = { approvals: null, by: null },
): Jury => {
  const rule = policy.rules[risk];
  const approvals = Math.max(rule.approvals, stricter.approvals ?? 0);
  const by = stricter.by ?? rule.by;
  const listed = members(policy, by);
  if (!policy.fourEyes) return { approvers: listed.map(({ name }) => name), quorum: approvals, barred: [] };
  const started = starter === null ? undefined : identify(policy, { channel: 'iam', arn: starter });
  const barred = listed.flatMap((person) => {
    if (person === started) return [{ person: person.name, because: 'started the run' }];
    return authors.some((author) => isAuthor(person, author))
      ? [{ person: person.name, because: 'wrote one of its commits' }]
      : [];
  });
  const out = new Set(barred.map(({ person }) => person));
  const approvers = listed.map(({ name }) => name).filter((name) => !out.has(name));
  return { approvers, quorum: starter === null ? approvals + 1 : approvals, barred };
};

const isAuthor = ({ mail, commits = [] }: Person, author: string): boolean =>
  [mail, ...commits].some((name) => name?.toLowerCase() === author.trim().toLowerCase());
