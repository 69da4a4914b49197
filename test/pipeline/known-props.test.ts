import { Duration } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { Approval } from '../../lib/pipeline/approval-props.ts';
import { Fleet } from '../../lib/pipeline/fleet-props.ts';
import { unknownProps } from '../../lib/pipeline/known-props.ts';
import type { MigrationPipelineProps } from '../../lib/pipeline/props.ts';
import { RestorePoint } from '../../lib/pipeline/restore-point-props.ts';
import { Wave } from '../../lib/pipeline/wave.ts';
import { pipelineTemplate } from './template.ts';

const one = { cluster: 'orders-1', secret: 'lockstep/orders-1', databases: ['acme'] };
const sound = { service: 'orders', environment: 'test', fleet: [one] };
const within = { clusters: ['orders-*'], secrets: ['lockstep/*'] };
const staging = { environment: 'staging', account: '111111111111', region: 'eu-west-1', bucket: 'bucket' };
const ada = { name: 'Ada', mail: 'ada@example.com' };

/** As plain JavaScript has them: whoever runs an app without a type check is told of nothing. */
const misspelt: [string, object, string][] = [
  ['the paths', { promotions: [{ after: [staging] }] }, 'promotions … promotion'],
  ['the windows', { window: { timeZone: 'UTC' } }, 'window … windows'],
  ['a capital', { lockTimeOut: Duration.seconds(1) }, 'lockTimeOut … lockTimeout'],
  ['evidence', { promotion: [{ after: [staging], evidences: ['e2e'] }] }, 'promotion.0.evidences … evidence'],
  ['a path of its own', { promotion: [{ after: [staging], automtic: true }] }, 'promotion.0.automtic … automatic'],
  [
    'an environment before',
    { promotion: [{ after: [{ ...staging, acount: '1' }] }] },
    'promotion.0.after.0.acount … account',
  ],
  [
    'what evidence has to match',
    { promotion: [{ after: [staging] }, { after: [staging], evidence: ['e2e', { name: 'ticket', match: 'CHG' }] }] },
    'promotion.1.evidence.1.match … matching',
  ],
  ['a freeze', { windows: { timeZone: 'UTC', freeze: [] } }, 'windows.freeze … freezes'],
  [
    'days',
    { windows: { timeZone: 'UTC', weekly: [{ day: ['Friday'], from: '01:00', to: '02:00' }] } },
    'windows.weekly.0.day … days',
  ],
  [
    'a reason',
    { windows: { timeZone: 'UTC', freezes: [{ from: '2026-12-18', to: '2026-12-19', reasons: 'x' }] } },
    'windows.freezes.0.reasons … reason',
  ],
  [
    "hours of a tenant's",
    { windows: { timeZone: 'UTC', tenants: [{ where: { tier: 'free' }, timeZone: 'UTC', closeDays: ['Friday'] }] } },
    'windows.tenants.0.closeDays … closedDays',
  ],
  [
    'what a wave may fail',
    { waves: [Wave.rest({ failureBugdet: 1 } as object)] },
    'waves.0.failureBugdet … failureBudget',
  ],
  ['who approves', { approval: Approval.by({ people: [ada], rule: { low: 1 } } as never) }, 'approval.rule … rules'],
  [
    'an address',
    { approval: Approval.by({ people: [{ ...ada, mial: 'x' }] } as never) },
    'approval.people.0.mial … mail',
  ],
  ['a risk', { approval: Approval.by({ people: [ada], rules: { hgih: 1 } } as never) }, 'approval.rules.hgih … high'],
  [
    'how many approve',
    { approval: Approval.by({ people: [ada], rules: { low: { approval: 2, by: ['Ada'] } } } as never) },
    'approval.rules.low.approval … approvals',
  ],
  [
    'where they are asked',
    { approval: Approval.by({ people: [ada], slack: { mode: 'webhook', secrets: 'x' } } as never) },
    'approval.slack.secrets … secret',
  ],
  [
    'who breaks the glass',
    { approval: Approval.by({ people: [ada], breakGlass: { bye: [] } } as never) },
    'approval.breakGlass.bye … by',
  ],
  [
    'how long a mail counts',
    { approval: Approval.byMail(['a@b.de'], { expireAfter: 1 } as object) },
    'approval.expireAfter … expiresAfter',
  ],
  [
    'how long it is kept',
    { restorePoint: RestorePoint.clone({ keptFor: 1 } as object) },
    'restorePoint.keptFor … keepFor',
  ],
  ['a policy', { drift: { polices: 'block' } }, 'drift.polices … policy'],
  ['rows', { integrity: { row: false } }, 'integrity.row … rows'],
  ['a strict rule', { lint: { stricts: ['truncate'] } }, 'lint.stricts … strict'],
  [
    'an exception',
    { lint: { exceptions: [{ rule: 'rename', migration: '1', reson: 'x' }] } },
    'lint.exceptions.0.reson … reason',
  ],
  ['a domain', { endpoint: { domainNames: 'x', certificateArn: 'x' } }, 'endpoint.domainNames … domainName'],
  ['a label', { fleet: [{ ...one, label: {} }] }, 'fleet.0.label … labels'],
  [
    "a database's label",
    { fleet: [{ ...one, databases: [{ name: 'a', labels: {}, lables: {} }] }] },
    'fleet.0.databases.0.lables … labels',
  ],
  [
    'what is found by tags',
    { fleet: Fleet.byTags({ tags: { a: 'b' }, within, database: 'all' } as never) },
    'fleet.database … databases',
  ],
  [
    'a bound',
    { fleet: Fleet.fromTable({} as never, { within: { ...within, secret: [] } } as never) },
    'fleet.within.secret … secrets',
  ],
];

describe('what is spelt wrongly is refused, and what was meant is named', () => {
  test.each(misspelt)('%s', (_, props, said) => {
    const [path, meant] = said.split(' … ');
    const problem = `${path}: there is no such prop; did you mean ${meant}?`;
    expect(unknownProps({ ...sound, ...props } as MigrationPipelineProps)).toEqual([problem]);
  });

  test('when it is synthesized, all of it at once', async () => {
    const refused = pipelineTemplate({ promotions: [], windws: {} } as object);
    await expect(refused).rejects.toThrow(
      /^Stack\/Migrations can't be deployed like this:\n {2}promotions: .* promotion\?\n {2}windws: .* windows\?$/,
    );
  });
});

test('names that are up to the user are any', () => {
  const props: MigrationPipelineProps = {
    ...sound,
    fleet: [{ ...one, databases: [{ name: 'acme', labels: { tier: 'free' } }], labels: { region: 'asia' } }],
    waves: [Wave.where({ tier: 'free' }), Wave.rest()],
    approval: Approval.by({ people: [ada], groups: { dba: ['Ada'] } }),
    windows: { timeZone: 'UTC', tenants: [{ where: { region: 'asia' }, timeZone: 'UTC' }] },
    lint: { rules: { truncate: 'off' } },
  };
  expect(unknownProps(props)).toEqual([]);
});
