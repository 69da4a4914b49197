import type { Mapping } from '../mapping.ts';
import { refuseInQuery } from '../refusals.ts';
import { formOf } from './query-operation.ts';

/** Who one is, everyone may ask: not even an explicit Deny keeps AWS from answering. */
export const stsActions: Mapping = {
  checks: (request) => (formOf(request).get('Action') === 'GetCallerIdentity' ? [] : undefined),
  refuse: refuseInQuery('AccessDenied', 'https://sts.amazonaws.com/doc/2011-06-15/'),
};
