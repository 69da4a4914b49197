import { queryService } from '../protocol/query.ts';
import type { Place } from '../service.ts';

/** AWS STS, as far as "who am I" goes. */
export const sts = ({ account }: Place) =>
  queryService('https://sts.amazonaws.com/doc/2011-06-15/', {
    GetCallerIdentity: async (_, { principal }) => ({ UserId: account, Account: account, Arn: principal }),
  });
