import type { Mapping } from '../mapping.ts';
import { refuseInQuery } from '../refusals.ts';
import { formOf } from './query-operation.ts';

/**
 * Who one is, everyone may ask: not even an explicit Deny keeps AWS from answering. AssumeRole decides by itself, as the
 * role's trust policy has a say in it.
 */
export const stsActions: Mapping = {
  checks: (request) =>
    ['GetCallerIdentity', 'AssumeRole'].includes(formOf(request).get('Action') ?? '') ? [] : undefined,
  refuse: refuseInQuery('AccessDenied', 'https://sts.amazonaws.com/doc/2011-06-15/'),
};
