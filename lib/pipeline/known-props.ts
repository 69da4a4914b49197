import type { QuerySource, TableSource, TagSource } from '../fleet/discovery/source.ts';
import type { Within } from '../fleet/discovery/within.ts';
import type { DeclaredDatabase, FleetDeclaration } from '../fleet/fleet.ts';
import type { LintPolicy } from '../migrations/lint/policy.ts';
import type { Person } from '../policy/approval-policy.ts';
import type { Freeze } from '../policy/windows/windows.ts';
import type { EndpointDomain } from './approval-endpoint.ts';
import type { Approval, ApprovalProps, SlackProps } from './approval-props.ts';
import type { Drift } from './drift-props.ts';
import type { FoundFleet } from './fleet-props.ts';
import { each, keys, type Look } from './known-keys.ts';
import type { EvidenceProps, PromotionPath, UpstreamEnvironment } from './promotion-props.ts';
import type { MigrationPipelineProps } from './props.ts';
import type { RestorePoint } from './restore-point-props.ts';
import type { Wave, WaveOptions } from './wave.ts';
import type { Hours, WindowsProps } from './window-props.ts';

/** Sentences about props that are not known, at any depth: an app runs without having its types checked. */
export const unknownProps = (props: MigrationPipelineProps): string[] => pipeline(props, '');

const listed = each(
  keys<FleetDeclaration[number]>({
    ...{ cluster: true, secret: true, labels: true },
    databases: each(keys<Exclude<DeclaredDatabase, string>>({ name: true, labels: true })),
  }),
);

const within = keys<Within>({ clusters: true, secrets: true });

const found: Record<FoundFleet['source']['source'], Look> = {
  tags: keys<TagSource>({ source: true, tags: true, databases: true, within }),
  table: keys<TableSource>({ source: true, within }),
  query: keys<QuerySource>({ source: true, cluster: true, secret: true, database: true, sql: true, within }),
};

const fleet: Look = (value, at) =>
  Array.isArray(value) ? listed(value, at) : ofFound(value as Partial<FoundFleet> | undefined, at);

const ofFound = (fleet: Partial<FoundFleet> | undefined, at: string): string[] =>
  fleet?.source ? found[fleet.source.source](fleet.source, at) : [];

const rule = keys<Exclude<NonNullable<NonNullable<ApprovalProps['rules']>['low']>, number>>({
  ...{ approvals: true, by: true },
});

const approval = keys<Approval>({
  ...{ required: true, groups: true, expiresAfter: true, remindBefore: true, fourEyes: true, mailLinkIsEnough: true },
  people: each(keys<Person>({ name: true, mail: true, slack: true, iam: true, commits: true })),
  rules: keys<NonNullable<ApprovalProps['rules']>>({ low: rule, medium: rule, high: rule }),
  breakGlass: keys<NonNullable<ApprovalProps['breakGlass']>>({ by: true }),
  slack: keys<SlackProps>({ mode: true, secret: true, team: true, channel: true }),
});

const elsewhere = keys<UpstreamEnvironment>({ environment: true, account: true, region: true, bucket: true });

const promotion = each(
  keys<PromotionPath>({
    ...{ name: true, soak: true, approvals: true, by: true, automatic: true, patience: true },
    // A pipeline is a construct, and has keys of its own.
    after: each((one, at) => (typeof one === 'object' && one !== null && 'node' in one ? [] : elsewhere(one, at))),
    evidence: each(keys<EvidenceProps>({ name: true, by: true, matching: true, in: true })),
  }),
);

const options = keys<WaveOptions>({ concurrency: true, failureBudget: true, bake: true });
const waves = each((wave, at) => options((wave as Partial<Wave> | undefined)?.options, at));

const timetable = {
  timeZone: true,
  closedDays: true,
  weekly: each(keys<Hours>({ days: true, from: true, to: true })),
  freezes: each(keys<Freeze>({ from: true, to: true, reason: true })),
} as const;

const windows = keys<WindowsProps>({
  ...{ ...timetable, calendars: true, outside: true },
  tenants: each(keys<NonNullable<WindowsProps['tenants']>[number]>({ ...timetable, where: true })),
});

const lint = keys<LintPolicy>({
  ...{ rules: true, since: true, strict: true },
  exceptions: each(keys<NonNullable<LintPolicy['exceptions']>[number]>({ rule: true, migration: true, reason: true })),
});

const pipeline = keys<MigrationPipelineProps>({
  ...{ service: true, environment: true, unfit: true, production: true },
  ...{ failureBudget: true, bake: true, alarms: true, healthCheck: true, onHalt: true },
  ...{ concurrency: true, databasesAtOnce: true, lockTimeout: true, lockPatience: true, statementTimeout: true },
  ...{ fleet, approval, promotion, waves, windows, lint },
  endpoint: keys<EndpointDomain>({ domainName: true, certificateArn: true }),
  restorePoint: keys<RestorePoint>({ kind: true, keepFor: true }),
  drift: keys<Drift>({ schedule: true, policy: true }),
  integrity: keys<NonNullable<MigrationPipelineProps['integrity']>>({ rows: true, sequences: true }),
});
