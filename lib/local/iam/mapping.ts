import type { AwsRequest, AwsResponse } from '../service.ts';
import type { Check } from './authorizer.ts';

/** What a service's operations need, and how the service says no. */
export type Mapping = {
  /**
   * The permissions that a request needs. None for what everyone may do and for what the service refuses anyway;
   * undefined for an operation that isn't mapped: no role may call it.
   */
  checks(request: AwsRequest): Check[] | undefined | Promise<Check[] | undefined>;
  /** Permissions without which the caller gets to see a refusal instead of this answer. */
  checksOnAnswer?(request: AwsRequest, answer: AwsResponse): Check[];
  /** Whether its resources' policies bind the account's root, too. */
  bindsRoot?: true;
  refuse(sentence: string, request: AwsRequest): AwsResponse;
};
