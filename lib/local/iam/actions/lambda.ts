import type { AwsRequest, Place } from '../../service.ts';
import type { Check } from '../authorizer.ts';
import type { Mapping } from '../mapping.ts';
import { refuseInRest } from '../refusals.ts';

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
export const lambdaActions = (place: Place): Mapping => ({
  checks({ method, path, query }) {
    const [, id, rest = ''] = /^\/2015-03-31\/functions(?:\/([^/]+)(\/.*)?)?\/?$/.exec(path) ?? [];
    if (id === undefined) return listing({ method, path });
    const name = functionArn(place, decoded(id));
    const qualifier = query.get('Qualifier');
    const resource = qualifier ? `${name}:${qualifier}` : name;
    if (method === 'POST' && rest === '/invocations') return [{ action: 'lambda:InvokeFunction', resource }];
    if (method === 'GET' && rest === '/configuration') return [{ action: 'lambda:GetFunctionConfiguration', resource }];
    return undefined;
  },
  refuse: refuseInRest('Message'),
});

/** A function's name, maybe with a version or an alias, as its ARN. */
export const functionArn = ({ partition, region, account }: Place, id: string): string =>
  id.startsWith('arn:') ? id : `arn:${partition}:lambda:${region}:${account}:function:${id}`;

const listing = ({ method, path }: Pick<AwsRequest, 'method' | 'path'>): Check[] | undefined =>
  method === 'GET' && /^\/2015-03-31\/functions\/?$/.test(path)
    ? [{ action: 'lambda:ListFunctions', resource: '*' }]
    : undefined;

const decoded = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
