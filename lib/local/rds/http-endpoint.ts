import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import type { Context } from './context.ts';

/** EnableHttpEndpoint and DisableHttpEndpoint: whether the Data API answers for a cluster. */
export const setHttpEndpoint =
  ({ state, save }: Context, enabled: boolean): QueryOperation =>
  async (input) => {
    const arn = input.get('ResourceArn') ?? '';
    const record = state.clusters.find((cluster) => cluster.arn === arn);
    if (!record) throw new AwsError('ResourceNotFoundFault', `The specified resource ID was not found: ${arn}`, 404);
    // To one that is enabled already nothing happens: after a renaming it has to be disabled first.
    if (enabled && !record.httpEndpointEnabled) record.httpEndpointArn = arn;
    record.httpEndpointEnabled = enabled;
    await save();
    return { ResourceArn: arn, HttpEndpointEnabled: enabled };
  };
