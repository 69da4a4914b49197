import { Token } from 'aws-cdk-lib';
import type { Rollout } from '../fleet/rollout.ts';
import { canonical, sha256 } from '../migrations/digest.ts';
import type { JsonAsset } from './json-asset.ts';
import type { MigrationPipelineProps } from './props.ts';
import { RestorePoint, ruleOf } from './restore-point-props.ts';

type Rules = Pick<
  MigrationPipelineProps,
  'unfit' | 'databasesAtOnce' | 'lockTimeout' | 'lockPatience' | 'statementTimeout' | 'restorePoint' | 'integrity'
> & { rollout: Rollout; policy: JsonAsset | null; promotion?: string | undefined };

/** What a plan is made and carried out by: an approval is of these rules too. */
export const rulesDigest = (it: Rules): string => {
  const { rollout, unfit = null, databasesAtOnce, lockTimeout, lockPatience, statementTimeout, integrity = null } = it;
  const seconds = [lockTimeout, lockPatience, statementTimeout].map((duration) => duration?.toMilliseconds() ?? null);
  const policy = it.policy?.digest ?? null;
  const restorePoint = ruleOf(it.restorePoint ?? RestorePoint.snapshot());
  const { promotion } = it;
  return sha256(
    canonical({ rollout: known(rollout), unfit, databasesAtOnce, seconds, restorePoint, integrity, policy, promotion }),
  );
};

/** An alarm's name, or a calendar's, may be known only once it is deployed. */
const known = ({ windows, ...rollout }: Rollout) => ({
  ...rollout,
  alarms: rollout.alarms.filter((name) => !Token.isUnresolved(name)),
  ...(windows
    ? { windows: { ...windows, calendars: windows.calendars.filter((name) => !Token.isUnresolved(name)) } }
    : {}),
});
