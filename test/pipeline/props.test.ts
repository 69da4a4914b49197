import { Duration } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { Approval } from '../../lib/pipeline/approval-props.ts';
import { InvalidProps, type MigrationPipelineProps } from '../../lib/pipeline/props.ts';
import { RestorePoint } from '../../lib/pipeline/restore-point-props.ts';
import { Wave } from '../../lib/pipeline/wave.ts';
import { windowsProblems } from '../../lib/pipeline/window-props.ts';
import { only, pipelineTemplate } from './template.ts';

const fleet = [{ cluster: 'orders-1', secret: 'lockstep/orders-1', databases: ['acme', 'globex'] }];
const [orders] = fleet as [(typeof fleet)[number]];
const byMail = (approvers: string[], expiresAfter = Duration.days(1)) => ({
  approval: Approval.byMail(approvers, { expiresAfter }),
});
const oneOf = (databases: string[]) => ({ fleet: [{ ...orders, databases }] });
const withSecret = (secret: string) => ({ fleet: [{ ...orders, secret }] });

const nameRule = 'lower case letters, digits and single hyphens, beginning with a letter';
const databaseRule = 'a database name is 1 to 63 of a-z 0-9 _ - and does not begin with a digit or -';
const clusterRule =
  'a cluster identifier is 1 to 63 of a-z 0-9 and single hyphens, begins with a letter and does not end with a hyphen';
const secretRule = 'the name of a secret (letters, digits and /_+=.@!-) or its complete ARN';
const expiryRule = 'approval.expiresAfter: whole seconds, between one minute and 364 days';
const zoneRule = "windows.timeZone: a time zone of the IANA database, as 'Europe/Berlin' or 'UTC'";
const keepRule = 'restorePoint: keepFor is between one day and ten years';
const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders';
const long = 'a'.repeat(64);

const wrong: [string, Partial<MigrationPipelineProps>, string][] = [
  ['a service in capitals', { service: 'Orders' }, `service: ${nameRule}, not "Orders"`],
  ['a service without a name', { service: '' }, `service: ${nameRule}, not ""`],
  ['a service that is a path', { service: '../billing' }, `service: ${nameRule}, not "../billing"`],
  [
    'an environment with a long name',
    { environment: 'e'.repeat(31) },
    `environment: at most 30 characters, not "${'e'.repeat(31)}"`,
  ],
  ['an environment that ends in a hyphen', { environment: 'test-' }, `environment: ${nameRule}, not "test-"`],

  ['a zone without a city', { windows: { timeZone: 'CET' } }, `${zoneRule}, not "CET"`],
  ['an offset for a zone', { windows: { timeZone: '+02:00' } }, `${zoneRule}, not "+02:00"`],
  [
    'a window that begins at 2',
    { windows: { timeZone: 'UTC', weekly: [{ from: '2:00', to: '04:00' }] } },
    `windows.weekly.0.from: a time of day as '02:00', up to '24:00', not "2:00"`,
  ],
  [
    'a freeze that ends before it begins',
    { windows: { timeZone: 'UTC', freezes: [{ from: '2027-01-02', to: '2027-01-01', reason: 'x' }] } },
    'windows.freezes.0: it ends before it begins',
  ],
  [
    'a freeze on a date that there is not',
    { windows: { timeZone: 'UTC', freezes: [{ from: '2027-02-29', to: '2027-03-01', reason: 'x' }] } },
    `windows.freezes.0.from: a date that there is, as '2026-12-24', not "2027-02-29"`,
  ],
  [
    'windows that are closed on all their days',
    {
      windows: { timeZone: 'UTC', weekly: [{ days: ['Friday'], from: '02:00', to: '04:00' }], closedDays: ['Friday'] },
    },
    'windows: it never opens, since all its days are closed',
  ],
  ...['24:00', '00:00'].map((to): [string, Partial<MigrationPipelineProps>, string] => [
    `a window up to ${to} of a day that is closed`,
    { windows: { timeZone: 'UTC', weekly: [{ days: ['Friday'], from: '22:00', to }], closedDays: ['Friday'] } },
    'windows: it never opens, since all its days are closed',
  ]),
  [
    "a tenant's window on a day that the environment closes, in another time zone",
    {
      windows: {
        ...{ timeZone: 'Asia/Tokyo', closedDays: ['Friday'] },
        tenants: [
          { where: { tier: 'x' }, timeZone: 'UTC', weekly: [{ days: ['Friday'], from: '01:00', to: '15:00' }] },
        ],
      },
    },
    'windows.tenants.0: it never opens, since all its days are closed',
  ],
  [
    'tenants whose windows would make too many waves',
    {
      waves: Array.from({ length: 10 }, () => Wave.canary(1)).concat(Wave.rest()),
      windows: {
        timeZone: 'UTC',
        tenants: Array.from({ length: 20 }, (_, at) => ({ where: { tenant: `t${at}` }, timeZone: 'UTC' })),
      },
    },
    'windows: 11 waves for 21 windows are 231, and at most 200 can be',
  ],

  ['a snapshot kept for an hour', { restorePoint: RestorePoint.snapshot({ keepFor: Duration.hours(1) }) }, keepRule],
  ['a clone kept for ever', { restorePoint: RestorePoint.clone({ keepFor: Duration.days(4000) }) }, keepRule],

  [
    'a policy for linting with a rule of squawk that ours speak for',
    { lint: { rules: { 'ban-drop-column': 'error' } } },
    'lint: there is no rule ban-drop-column; Lockstep’s own drop-column says it',
  ],
  [
    'a policy for linting that begins somewhere',
    { lint: { since: '0042' } },
    'lint.since: only lint.json can say where linting begins',
  ],

  ['a fleet without clusters', { fleet: [] }, 'fleet: the fleet has no cluster'],
  ['a cluster without databases', oneOf([]), 'fleet.0.databases: Too small: expected array to have >=1 items'],
  [
    'a cluster whose name RDS does not allow',
    { fleet: [{ ...orders, cluster: 'orders--1' }] },
    `fleet.0.cluster: ${clusterRule}, not "orders--1"`,
  ],
  [
    'a cluster named by its ARN',
    { fleet: [{ ...orders, cluster: 'arn:aws:rds:eu-central-1:123456789012:cluster:orders' }] },
    `fleet.0.cluster: ${clusterRule}, not "arn:aws:rds:eu-central-1:123456789012:cluster:orders"`,
  ],
  ['a cluster twice', { fleet: [orders, orders] }, 'fleet: the cluster orders-1 stands there twice'],
  ['a database twice', oneOf(['acme', 'acme']), 'fleet: the database acme stands twice in orders-1'],

  ['a database name with a quote', oneOf(['acme', 'a"b']), `fleet.0.databases.1: ${databaseRule}, not "a\\"b"`],
  ["a database name with SQL's quote", oneOf(["a'b"]), `fleet.0.databases.0: ${databaseRule}, not "a'b"`],
  ['a database name like a parameter', oneOf(['x:y']), `fleet.0.databases.0: ${databaseRule}, not "x:y"`],
  ['a database name like a path', oneOf(['a/b']), `fleet.0.databases.0: ${databaseRule}, not "a/b"`],
  ['a database name that ends the ledger key', oneOf(['a#b']), `fleet.0.databases.0: ${databaseRule}, not "a#b"`],
  ['a database name of two lines', oneOf(['a\nb']), `fleet.0.databases.0: ${databaseRule}, not "a\\nb"`],
  ['a database name with capitals', oneOf(['Acme']), `fleet.0.databases.0: ${databaseRule}, not "Acme"`],
  ['a database name like an option', oneOf(['-acme']), `fleet.0.databases.0: ${databaseRule}, not "-acme"`],
  ['a database name of 64 characters', oneOf([long]), `fleet.0.databases.0: ${databaseRule}, not "${long}"`],
  ['a database without a name', oneOf(['']), `fleet.0.databases.0: ${databaseRule}, not ""`],

  ['a secret that would be many', withSecret('*'), `fleet.0.secret: ${secretRule}, not "*"`],
  ['a secret without a name', withSecret(''), `fleet.0.secret: ${secretRule}, not ""`],
  ['a secret by a part of its ARN', withSecret(arn), `fleet.0.secret: ${secretRule}, not "${arn}"`],
  ['a secret by an ARN for many', withSecret(`${arn}*-abcdef`), `fleet.0.secret: ${secretRule}, not "${arn}*-abcdef"`],

  ['nobody to approve', byMail([]), 'approval.people: Too small: expected array to have >=1 items'],
  ['an approver without a mail address', byMail(['dba']), 'approval.people.0.mail: Invalid email address'],
  ['an approver twice', byMail(['a@b.de', 'a@b.de']), 'approval.people: a@b.de stands there twice'],
  ['a minute less a second to approve', byMail(['a@b.de'], Duration.seconds(59)), expiryRule],
  [
    'more time to approve than a run can have',
    byMail(['a@b.de'], Duration.days(364).plus(Duration.seconds(1))),
    expiryRule,
  ],
  ['parts of a second to approve', byMail(['a@b.de'], Duration.millis(90_500)), expiryRule],

  [
    'waves that leave some out',
    { waves: [Wave.canary(2)] },
    'waves: the last one has to take all that are left: Wave.rest()',
  ],
  [
    'a canary of nothing',
    { waves: [Wave.canary(0), Wave.rest()] },
    'waves.0.clusters: Too small: expected number to be >=1, not 0',
  ],
  [
    'a budget that is no number',
    { failureBudget: 'some' as never },
    'failureBudget: a percentage, as 5% or 0.5%, not "some"',
  ],
  ['no database at once', { databasesAtOnce: 0 }, 'databasesAtOnce: at least 1, not 0'],
  ['half a cluster at once', { concurrency: 0.5 }, 'concurrency: a whole number, not 0.5'],
  ['more clusters at once than can be', { concurrency: 1001 }, 'concurrency: at most 1,000, not 1001'],
  [
    'statements that wait for a lock for ever',
    { lockTimeout: Duration.millis(0) },
    'lockTimeout: between one millisecond and 24 days',
  ],
];

describe('a pipeline', () => {
  test.each(wrong)('is not synthesized with %s', async (_, props, problem) => {
    const failure = await refused(props);
    expect(failure.details).toMatchObject({ pipeline: 'Stack/Migrations' });
    expect(failure.details.problems).toContain(problem);
    expect(failure.message).toContain(
      `Stack/Migrations can't be deployed like this:\n  ${failure.details.problems[0]}`,
    );
  });

  test('is told everything that is wrong with it at once', async () => {
    const clusters = [{ ...orders, databases: ['acme', 'a"b', 'acme'] }, orders];
    const { details } = await refused({ service: 'Orders', fleet: clusters, concurrency: -1, ...byMail(['dba']) });
    expect(details.problems).toEqual([
      `service: ${nameRule}, not "Orders"`,
      `fleet.0.databases.1: ${databaseRule}, not "a\\"b"`,
      'fleet: the cluster orders-1 stands there twice',
      'fleet: the database acme stands twice in orders-1',
      'approval.people.0.mail: Invalid email address',
      'concurrency: at least 1, not -1',
    ]);
  });

  test('takes the longest and strangest names that are sound', async () => {
    const template = await pipelineTemplate({
      service: 'a'.repeat(30),
      environment: 'eu-central-1',
      fleet: [
        { cluster: 'c'.repeat(63), secret: 'team/orders_1+=.@-x', databases: ['_', 'a-b_9', 'd'.repeat(63)] },
        { cluster: 'b', secret: `${arn}-a1B2c3`, databases: ['_'] },
      ],
      ...byMail(['first.last+lockstep@mail.example.com'], Duration.days(364)),
      lockTimeout: Duration.millis(1),
    });
    expect(only(template, 'AWS::StepFunctions::StateMachine', 'StateMachine').StateMachineName).toBe(
      `lockstep-${'a'.repeat(30)}-eu-central-1`,
    );
    const secrets = JSON.stringify(only(template, 'AWS::IAM::Policy', 'ApplyRoleDefaultPolicy'));
    expect(secrets).toContain('secret:team/orders_1+=.@-x-??????"');
    expect(secrets).toContain(`"${arn}-a1B2c3"`);
  });

  test.each([
    ['that goes on after midnight', [{ days: ['Friday' as const], from: '22:00', to: '00:01' }]],
    ['on two days, one of them closed', [{ days: ['Friday' as const, 'Monday' as const], from: '22:00', to: '00:00' }]],
  ])('takes a window %s, though the day on which it begins is closed', (_, weekly) => {
    expect(windowsProblems({ timeZone: 'UTC', weekly, closedDays: ['Friday'] }, 1)).toEqual([]);
  });

  test('gives its policy for linting to the one step that lints, which may read that and the bundle', async () => {
    const template = await pipelineTemplate({ lint: { rules: { 'missing-down': 'error' }, strict: ['truncate'] } });
    const { Environment } = only(template, 'AWS::Lambda::Function', 'Lint') as { Environment: { Variables: object } };
    expect(Object.keys(Environment.Variables)).toEqual(expect.arrayContaining(['LINT_BUCKET', 'LINT_KEY']));
    const policy = JSON.stringify(only(template, 'AWS::IAM::Policy', 'LintRoleDefaultPolicy'));
    expect(policy).toContain('/bundles/*');
    expect(policy).toMatch(/[0-9a-f]{64}\.json/);
    expect(JSON.stringify(only(template, 'AWS::Lambda::Function', 'Plan'))).not.toContain('LINT_KEY');
  });
});

const refused = async (props: Partial<MigrationPipelineProps>): Promise<InstanceType<typeof InvalidProps>> => {
  try {
    await pipelineTemplate(props);
  } catch (error) {
    if (error instanceof InvalidProps) return error;
    throw error;
  }
  throw new Error('it was synthesized');
};
