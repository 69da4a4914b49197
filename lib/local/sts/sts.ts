import { queryService } from '../protocol/query.ts';
import { type AssumeRoleOptions, assumeRole } from './assume-role.ts';

/** AWS STS, as far as "who am I" and AssumeRole go. */
export const sts = (it: AssumeRoleOptions) =>
  queryService('https://sts.amazonaws.com/doc/2011-06-15/', {
    GetCallerIdentity: async (_, { principal }) => ({
      Arn: principal,
      UserId: it.keys.userId(principal),
      Account: it.place.account,
    }),
    AssumeRole: assumeRole(it),
  });
