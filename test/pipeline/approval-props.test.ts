import { Duration } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { approvalProblems } from '../../lib/pipeline/approval-problems.ts';
import { Approval, type ApprovalProps, policyOf, type SlackProps } from '../../lib/pipeline/approval-props.ts';
import { InvalidProps } from '../../lib/pipeline/props.ts';
import { ApprovalPolicy, type Person } from '../../lib/policy/approval-policy.ts';
import { pipelineTemplate } from './template.ts';

const user = (name: string) => `arn:aws:iam::123456789012:user/${name}`;
const ada: Person = { name: 'Ada', mail: 'ada@example.com', slack: 'UADA0001', iam: [user('ada')] };
const berta: Person = { name: 'Berta', mail: 'berta@example.com', iam: [user('berta')] };
const cleo: Person = { name: 'Cleo', mail: 'cleo@example.com' };
const app: SlackProps = { mode: 'app', secret: 'lockstep/slack', team: 'T012AB3CD', channel: 'C012AB3CD' };

const problems = (props: Partial<ApprovalProps>, production = true) =>
  approvalProblems(Approval.by({ people: [ada, berta], ...props }), production);

describe('a policy that makes sense', () => {
  it.each<[string, Partial<ApprovalProps>]>([
    ['of people alone', {}],
    ['of groups', { groups: { dba: ['Ada', 'Berta'] }, rules: { high: { approvals: 2, by: ['dba'] } } }],
    ['of somebody in Slack only', { people: [ada, { name: 'Dora', slack: 'UDORA001' }], slack: app }],
    [
      'of somebody with IAM only, who is in the channel',
      { people: [{ name: 'Dora', iam: [user('dora')] }], slack: app },
    ],
    ['of mail in production, where that is said to be enough', { people: [ada, cleo], mailLinkIsEnough: true }],
    ['that breaks glass', { breakGlass: { by: ['Ada'] } }],
    ['that reminds nobody', { remindBefore: Duration.seconds(0) }],
    [
      'of people who share a role by sessions that an identity provider names',
      {
        people: ['ada', 'berta'].map((it) => ({
          ...{ name: it, mail: `${it}@example.com` },
          iam: [`arn:aws:sts::123456789012:assumed-role/Sso/${it}@example.com`],
        })),
      },
    ],
  ])('%s is taken', (_, props) => {
    expect(problems(props)).toEqual([]);
    const policy = policyOf(Approval.by({ people: [ada, berta], ...props }), true);
    expect(ApprovalPolicy.parse(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
  });

  it('has defaults that are careful in production', () => {
    expect(policyOf(Approval.by({ people: [ada, berta, cleo] }), true)).toMatchObject({
      rules: { low: { approvals: 1 }, medium: { approvals: 1 }, high: { approvals: 2, by: ['Ada', 'Berta', 'Cleo'] } },
      ...{ fourEyes: true, mailLinkIsEnough: false, expiresAfter: 86_400, remindBefore: 10_800 },
      ...{ breakGlass: null, slack: null, groups: {} },
    });
    expect(policyOf(Approval.by({ people: [ada] }), false)).toMatchObject({
      ...{ mailLinkIsEnough: true, rules: { high: { approvals: 1 } } },
    });
  });

  it('takes a number of approvals as one out of all', () => {
    expect(policyOf(Approval.by({ people: [ada, berta], rules: { low: 2 } }), true)?.rules.low).toEqual({
      ...{ approvals: 2, by: ['Ada', 'Berta'] },
    });
  });

  it('by mail lets any one of the addresses approve', () => {
    const approval = Approval.byMail(['a@b.de', 'c@d.de'], { expiresAfter: Duration.hours(1) });
    expect(approvalProblems(approval, true)).toEqual([]);
    expect(policyOf(approval, true)).toMatchObject({
      ...{ mailLinkIsEnough: true, expiresAfter: 3600, remindBefore: 450 },
      rules: { high: { approvals: 1, by: ['a@b.de', 'c@d.de'] } },
    });
  });

  it('is none where nobody is asked', () => {
    expect(policyOf(Approval.none(), true)).toBeNull();
    expect(approvalProblems(Approval.none(), true)).toEqual([]);
  });
});

const reminderRule = 'approval.remindBefore: whole seconds, less than expiresAfter';
const secretRule = 'approval.slack.secret: the name of a secret (letters, digits and /_+=.@!-) or its complete ARN';
const role = 'arn:aws:iam::123456789012:role/team/Admin';
const session = 'arn:aws:sts::123456789012:assumed-role/Admin/berta';

describe('a policy', () => {
  it.each<[string, Partial<ApprovalProps>, string]>([
    ['without people', { people: [] }, 'approval.people: Too small: expected array to have >=1 items'],
    [
      'with an address that is none',
      { people: [{ ...ada, mail: 'ada' }] },
      'approval.people.0.mail: Invalid email address',
    ],
    [
      'with a Slack name for an id',
      { people: [{ ...ada, slack: '@ada' }] },
      'approval.people.0.slack: a Slack user id, as U012AB3CD',
    ],
    [
      'with a wildcard for a principal',
      { people: [{ ...ada, iam: ['arn:aws:iam::123456789012:role/*'] }] },
      'approval.people.0.iam.0: the ARN of an IAM user, of a role, or of a session of a role',
    ],
    [
      'with what it does not know',
      { people: [{ ...ada, phone: '1' } as Person] },
      'approval.people.0: Unrecognized key: "phone"',
    ],
    [
      'that asks for nobody',
      { rules: { low: 0 } },
      'approval.rules.low.approvals: Too small: expected number to be >=1',
    ],

    ['with a name twice', { people: [ada, { ...berta, name: 'Ada' }] }, 'approval.people: Ada stands there twice'],
    [
      'with a mail address of two people',
      { people: [ada, { ...berta, mail: 'Ada@Example.com' }] },
      'approval.people: ada@example.com belongs to two people, so one could count as two',
    ],
    [
      'with a Slack user of two people',
      { people: [ada, { ...berta, slack: 'UADA0001' }] },
      'approval.people: UADA0001 belongs to two people, so one could count as two',
    ],
    [
      'with a principal of two people',
      { people: [ada, { ...berta, iam: [user('ada')] }] },
      `approval.people: ${user('ada')} belongs to two people, so one could count as two`,
    ],
    [
      "with a session of another's role",
      {
        people: [
          { ...ada, iam: [role] },
          { ...berta, iam: [session] },
        ],
      },
      `approval.people: ${session} is Berta's, and a session of a role that is Ada's`,
    ],

    ['with a group of strangers', { groups: { dba: ['Eve'] } }, 'approval.groups.dba: Eve is not among the people'],
    [
      'with an empty group',
      { groups: { dba: [] } },
      'approval.groups.dba: Too small: expected array to have >=1 items',
    ],
    [
      'with a group named as a person',
      { groups: { Ada: ['Berta'] } },
      'approval.groups: Ada is the name of a person as well',
    ],
    [
      'with a stranger in a rule',
      { rules: { low: { approvals: 1, by: ['Ada', 'Eve'] } } },
      'approval.rules.low: Eve is neither a person nor a group',
    ],
    [
      'that asks for more than there are',
      { rules: { medium: 3 } },
      'approval.rules.medium: 3 have to approve, out of 2',
    ],
    [
      'that counts somebody twice, by name and by group',
      { groups: { dba: ['Ada'] }, rules: { high: { approvals: 2, by: ['Ada', 'dba'] } } },
      'approval.rules.high: 2 have to approve, out of 1',
    ],

    [
      'with a stranger at the glass',
      { breakGlass: { by: ['Eve'] } },
      'approval.breakGlass: Eve is neither a person nor a group',
    ],
    [
      'whose glass somebody without IAM may break',
      { people: [ada, cleo], mailLinkIsEnough: true, breakGlass: { by: ['Cleo'] } },
      'approval.breakGlass: Cleo has no IAM principal, which breaking the glass asks for',
    ],
    [
      'whose glass a group may break with somebody without IAM in it',
      { people: [ada, cleo], mailLinkIsEnough: true, groups: { all: ['Ada', 'Cleo'] }, breakGlass: { by: ['all'] } },
      'approval.breakGlass: Cleo has no IAM principal, which breaking the glass asks for',
    ],

    [
      'of mail alone in production',
      { people: [ada, cleo] },
      'approval.people: Cleo could approve by the link in a mail only, which does not prove who opens it. Name a Slack user or an IAM principal, or say mailLinkIsEnough: true',
    ],
    [
      'of Slack users without an app',
      { people: [ada, { name: 'Dora', slack: 'UDORA001' }], slack: { mode: 'webhook', secret: 'lockstep/slack' } },
      "approval.people: Dora has no way to approve. Name a mail address, a Slack user with slack.mode 'app', or an IAM principal",
    ],
    [
      'of somebody without any proof',
      { people: [ada, { name: 'Dora' }] },
      "approval.people: Dora has no way to approve. Name a mail address, a Slack user with slack.mode 'app', or an IAM principal",
    ],
    [
      'of people of whom nobody would hear of a request',
      { people: [{ name: 'Dora', iam: [user('dora')] }] },
      'approval.rules.low: 1 have to approve, and nobody would hear of it. Name mail addresses, or slack',
    ],
    [
      'of which too few would hear of a request',
      { people: [ada, { name: 'Dora', iam: [user('dora')] }] },
      'approval.rules.high: 2 have to approve, and only 1 would hear of it. Name mail addresses, or slack',
    ],

    ['with a secret that would be many', { slack: { ...app, secret: 'lockstep/*' } }, secretRule],
    [
      'with a webhook in place of its secret',
      { slack: { mode: 'webhook', secret: 'https://hooks.slack.com/x' } },
      secretRule,
    ],
    [
      'without a workspace',
      { slack: { ...app, team: '' } },
      'approval.slack.team: the id of a workspace, as T012AB3CD',
    ],
    [
      'with the name of a channel',
      { slack: { ...app, channel: '#dba' } },
      'approval.slack.channel: the id of a channel, as C012AB3CD',
    ],

    [
      'that leaves a second less than a minute',
      { expiresAfter: Duration.seconds(59) },
      'approval.expiresAfter: whole seconds, between one minute and 364 days',
    ],
    [
      'that reminds as soon as it asks',
      { expiresAfter: Duration.hours(1), remindBefore: Duration.hours(1) },
      reminderRule,
    ],
    ['that reminds a day before a day is over', { remindBefore: Duration.days(1) }, reminderRule],
    ['that reminds in parts of a second', { remindBefore: Duration.millis(1_500) }, reminderRule],
  ])('%s is refused', (_, props, problem) => {
    expect(problems(props)).toContain(problem);
  });

  it('of mail alone is enough outside of production', () => {
    expect(problems({ people: [ada, cleo] }, false)).toEqual([]);
  });

  it('does not take the same proof of one person for that of two', () => {
    expect(problems({ people: [{ ...ada, iam: [user('ada'), user('ada'), role, session] }, berta] })).toEqual([]);
  });
});

describe('a pipeline', () => {
  const made = (environment: string, production?: boolean) =>
    pipelineTemplate({
      environment,
      ...(production === undefined ? {} : { production }),
      approval: Approval.by({ people: [cleo] }),
    });

  it.each([
    ['of an environment whose name begins with prod', 'prod-eu', undefined],
    ['that is said to be for production', 'live', true],
  ])('%s is not synthesized with mail alone', async (_, environment, production) => {
    const failure = await made(environment, production).catch((error) => error);
    expect(failure).toBeInstanceOf(InvalidProps);
    expect(failure.message).toContain('Cleo could approve by the link in a mail only');
  });

  it.each([
    ['of another environment', 'staging', undefined],
    ['that is said not to be for production', 'production-like', false],
  ])('%s is', async (_, environment, production) => {
    expect((await made(environment, production)).length).toBeGreaterThan(0);
  });
});
