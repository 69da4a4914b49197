/** What a CDK app of one's own imports. */

export type { LintPolicy } from './migrations/lint/policy.ts';
export type { PipelineAlarms } from './pipeline/alarms.ts';
export { Approval, type ApprovalProps, type SlackProps } from './pipeline/approval-props.ts';
export type { Drift } from './pipeline/drift-props.ts';
export { Fleet } from './pipeline/fleet-props.ts';
export { GitHubPlanRole, type GitHubRoleProps, GitHubRunRole } from './pipeline/github-roles.ts';
export { MigrationPipeline, parameterName } from './pipeline/migration-pipeline.ts';
export type { EvidenceProps, PromotionPath, UpstreamEnvironment } from './pipeline/promotion-props.ts';
export { InvalidProps, type MigrationPipelineProps } from './pipeline/props.ts';
export { RestorePoint } from './pipeline/restore-point-props.ts';
export { Wave, type WaveOptions } from './pipeline/wave.ts';
export type { Hours, TimetableProps, WindowsProps } from './pipeline/window-props.ts';
