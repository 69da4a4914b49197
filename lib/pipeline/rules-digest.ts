import { Token } from 'aws-cdk-lib';
import type { Rollout } from '../fleet/rollout.ts';
import { canonical, sha256 } from '../migrations/digest.ts';
import type { JsonAsset } from './json-asset.ts';
import type { MigrationPipelineProps } from './props.ts';
import { RestorePoint, ruleOf } from './restore-point-props.ts';

type Rules = Pick<
  MigrationPipelineProps,
  'unfit' | 'databasesAtOnce' | 'lockTimeout' | 'lockPatience' | 'statementTimeout' | 'restorePoint' | 'integrity'
> & { rollout: Rollout; policy: JsonAsset | null };

/** What a plan is made and carried out by: an approval is of these rules too. */
export const rulesDigest = (it: Rules): string => {
  const { rollout, unfit = null, databasesAtOnce, lockTimeout, lockPatience, statementTimeout, integrity = null } = it;
  const seconds = [lockTimeout, lockPatience, statementTimeout].map((duration) => duration?.toMilliseconds() ?? null);
  const policy = it.policy?.digest ?? null;
  const restorePoint = ruleOf(it.restorePoint ?? RestorePoint.snapshot());
  return sha256(
    canonical({ rollout: known(rollout), unfit, databasesAtOnce, seconds, restorePoint, integrity, policy }),
  );
};

/** An alarm's name may be known only once it is deployed. */
const known = (rollout: Rollout) => ({
  ...rollout,
  alarms: rollout.alarms.filter((name) => !Token.isUnresolved(name)),
});
