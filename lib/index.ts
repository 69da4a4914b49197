/** What a CDK app of one's own imports. */
export { MigrationPipeline, parameterName } from './pipeline/migration-pipeline.ts';
export { Approval, InvalidProps, type MigrationPipelineProps } from './pipeline/props.ts';
