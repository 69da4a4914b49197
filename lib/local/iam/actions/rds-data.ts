import type { Mapping } from '../mapping.ts';
import { refuseInRest } from '../refusals.ts';
import { entryOf, inputOf } from './json-operation.ts';

/**
 * Each call needs its own action on the cluster, and the secret is read on behalf of whoever calls.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.access.html
 */
export const rdsDataActions = (secretArn: (id: string) => string): Mapping => ({
  checks(request) {
    const action = entryOf(ACTIONS, request.path);
    const input = inputOf(request);
    if (action === undefined) return undefined;
    if (!input) return [];
    const secret = String(input.secretArn);
    return [
      { action: `rds-data:${action}`, resource: String(input.resourceArn) },
      { action: 'secretsmanager:GetSecretValue', resource: secretArn(secret), shown: secret },
    ];
  },
  refuse: refuseInRest('message'),
});

const ACTIONS: Record<string, string> = {
  '/Execute': 'ExecuteStatement',
  '/BatchExecute': 'BatchExecuteStatement',
  '/BeginTransaction': 'BeginTransaction',
  '/CommitTransaction': 'CommitTransaction',
  '/RollbackTransaction': 'RollbackTransaction',
  '/ExecuteSql': 'ExecuteSql',
};
