import { Duration } from 'aws-cdk-lib';
import type { MigrationPipelineProps } from './props.ts';

type Settings = Pick<MigrationPipelineProps, 'lockTimeout' | 'lockPatience' | 'statementTimeout' | 'integrity'>;

/** How the function that applies migrations is told what statements may take and do; times in milliseconds. */
export const applyEnvironment = ({
  lockTimeout = Duration.seconds(10),
  lockPatience = Duration.minutes(1),
  statementTimeout = Duration.seconds(30),
  integrity = {},
}: Settings): Record<string, string> => ({
  LOCK_TIMEOUT: String(lockTimeout.toMilliseconds()),
  LOCK_PATIENCE: String(lockPatience.toMilliseconds()),
  STATEMENT_TIMEOUT: String(statementTimeout.toMilliseconds()),
  GUARD_ROWS: integrity.rows === false ? 'no' : 'yes',
  GUARD_SEQUENCES: integrity.sequences === false ? 'no' : 'yes',
});
