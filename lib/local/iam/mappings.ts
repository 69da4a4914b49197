import type { Tables } from '../dynamodb/tables.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import type { Vault } from '../secrets-manager/vault.ts';
import type { Place } from '../service.ts';
import type { StepFunctions } from '../step-functions/step-functions.ts';
import { cloudwatchActions } from './actions/cloudwatch.ts';
import { dynamodbActions } from './actions/dynamodb.ts';
import { kmsActions } from './actions/kms.ts';
import { lambdaActions } from './actions/lambda.ts';
import { rdsActions } from './actions/rds.ts';
import { rdsDataActions } from './actions/rds-data.ts';
import { s3Actions } from './actions/s3.ts';
import { secretsManagerActions } from './actions/secrets-manager.ts';
import { snsActions } from './actions/sns.ts';
import { ssmActions } from './actions/ssm.ts';
import { statesActions } from './actions/states.ts';
import { stsActions } from './actions/sts.ts';
import { withResourceTags } from './resource-tags.ts';

/** What the operations of each service need, by its signing name. */
export const mappings = (
  place: Place,
  it: {
    tables: Pick<Tables, 'schema'>;
    store: Pick<ObjectStore, 'has'>;
    /** The ARN of the key that an id, an alias or an ARN means. */
    keyArn(id: string): string | undefined;
    vault: Pick<Vault, 'has' | 'find'>;
    stateMachines: Pick<StepFunctions, 'stateMachineOf'>;
    /** The tags of a cluster, an instance or a snapshot, by its ARN. */
    tagsOf(arn: string): Record<string, string>;
  },
) => {
  const secretArn = (id: string) => {
    if (it.vault.has(id)) return it.vault.find(id).arn;
    // One that isn't there would get six characters behind its name.
    return id.startsWith('arn:')
      ? id
      : `arn:${place.partition}:secretsmanager:${place.region}:${place.account}:secret:${id}-xxxxxx`;
  };
  return {
    dynamodb: dynamodbActions(place, it.tables.schema),
    kms: kmsActions(it.keyArn),
    lambda: lambdaActions(place),
    monitoring: cloudwatchActions(place),
    rds: withResourceTags(rdsActions(place), it.tagsOf),
    'rds-data': withResourceTags(rdsDataActions(secretArn), it.tagsOf),
    s3: s3Actions(place, it.store.has),
    secretsmanager: secretsManagerActions(secretArn),
    sns: snsActions(place),
    ssm: ssmActions(place),
    states: statesActions(place, it.stateMachines.stateMachineOf),
    sts: stsActions,
  };
};
