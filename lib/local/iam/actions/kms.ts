import type { Mapping } from '../mapping.ts';
import { refuseInJson } from '../refusals.ts';
import { inputOf, operationOf } from './json-operation.ts';

/**
 * Keys are known by their ARN, by whatever name they are asked for; the name is a condition key.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
 */
export const kmsActions = (keyArn: (id: string) => string | undefined): Mapping => ({
  bindsRoot: true,
  checks(request) {
    const action = operationOf(request);
    if (!ACTIONS.includes(action)) return undefined;
    const input = inputOf(request);
    const id = String(input?.KeyId ?? '');
    const resource = keyArn(id);
    // Of a key that isn't there, KMS tells everybody so.
    if (!input || resource === undefined) return [];
    const alias = /(^|:)(alias\/.*)$/.exec(id)?.[2];
    const keys = {
      ...(alias ? { 'kms:requestalias': [alias] } : {}),
      ...(action === 'GetPublicKey' ? {} : { 'kms:signingalgorithm': [String(input.SigningAlgorithm)] }),
    };
    return [{ action: `kms:${action}`, resource, keys }];
  },
  refuse: refuseInJson,
});

const ACTIONS = ['Sign', 'Verify', 'GetPublicKey'];
