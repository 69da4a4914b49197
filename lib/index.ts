/** What a CDK app of one's own imports. */

export { Approval, type ApprovalProps, type SlackProps } from './pipeline/approval-props.ts';
export { MigrationPipeline, parameterName } from './pipeline/migration-pipeline.ts';
export { InvalidProps, type MigrationPipelineProps } from './pipeline/props.ts';
export { Wave, type WaveOptions } from './pipeline/wave.ts';
