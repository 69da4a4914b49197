import type { Clock } from '../clock.ts';
import type { Functions } from '../lambda/functions.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { AwsRequest, AwsResponse, Place, Service } from '../service.ts';
import { proxyEvent } from './event.ts';
import type { Authorize } from './iam-authorization.ts';
import { gatewayMessage, proxyResponse } from './response.ts';
import { type Authorization, isRouteKey, match, type Route } from './routes.ts';

type Api = {
  id: string;
  name: string;
  integrations: Map<string, string>;
  routes: Map<string, Route>;
  stages: Set<string>;
};
export type HttpApis = ReturnType<typeof httpApis>;

/** API Gateway's hard limits for HTTP APIs: an integration has 30 s, a payload 10 MB. */
const INTEGRATION_MILLISECONDS = 30_000;
const PAYLOAD_LIMIT = 10 * 2 ** 20;

/**
 * API Gateway's HTTP APIs, at `/apis/<apiId>/…`. Throttling is left out: it protects an account's shared capacity,
 * and here there is but one caller.
 */
export const httpApis = (it: {
  place: Place;
  clock: Clock;
  functions: Functions;
  /** Asked about requests to routes with AWS_IAM. */
  authorize: Authorize;
  log(line: string): void;
}) => {
  const apis = new Map<string, Api>();
  const find = (id: string) => {
    const found = apis.get(id);
    if (found) return found;
    throw new AwsError('NotFoundException', `Invalid API identifier specified ${it.place.account}:${id}`, 404);
  };

  const service: Service = async (request): Promise<AwsResponse> => {
    const [, id = '', path = '/'] = /^\/apis\/([^/]+)(\/.*)?$/.exec(request.path) ?? [];
    const api = apis.get(id);
    if (!api) return gatewayMessage(404, 'Not Found');
    if (request.body.length > PAYLOAD_LIMIT) return gatewayMessage(413, 'Request Entity Too Large');
    const staged = stageOf(api, path);
    const found = staged && match([...api.routes.values()], request.method, staged.path);
    if (!found) return gatewayMessage(404, 'Not Found');
    const invoker = invokerOf(api, found.route, `${staged.stage}/${request.method}${staged.path}`, request);
    // Whatever is wrong, the caller is told no more; AWS, too, keeps the reason for the access log.
    if (invoker === 'refused') return gatewayMessage(403, 'Forbidden');
    const where = { apiId: id, stage: staged.stage, rawPath: path, now: it.clock.now(), place: it.place };
    return answered(api, found.route, staged.stage, request, proxyEvent(request, found, { ...where, invoker }));
  };

  const invokerOf = (api: Api, { key, authorization }: Route, asked: string, request: AwsRequest) => {
    if (authorization === 'NONE') return undefined;
    const { partition, region, account } = it.place;
    const found = it.authorize(request, `arn:${partition}:execute-api:${region}:${account}:${api.id}/${asked}`);
    if (!('refused' in found)) return found;
    it.log(`${api.name} ${key}: ${found.refused}`);
    return 'refused';
  };

  const answered = async (api: Api, { key, functionArn }: Route, stage: string, request: AwsRequest, event: object) => {
    const [, template = '/$default'] = key.split(' ');
    const method = key === '$default' ? '$default' : request.method;
    const { partition, region, account } = it.place;
    const source = `arn:${partition}:execute-api:${region}:${account}:${api.id}/${stage}/${key === '$default' ? '$default' : method + template}`;
    try {
      if (!it.functions.permits(functionArn, 'apigateway.amazonaws.com', source)) {
        throw new AwsError('AccessDeniedException', `${source} has no permission to invoke the function`, 403);
      }
      const invocation = it.functions.invoke(functionArn, JSON.stringify(event));
      const limit = AbortSignal.timeout(INTEGRATION_MILLISECONDS);
      const done = await Promise.race([
        invocation,
        new Promise<undefined>((resolve) => limit.addEventListener('abort', () => resolve(undefined), { once: true })),
      ]);
      if (!done) return gatewayMessage(503, 'Service Unavailable');
      if ('payload' in done.outcome) return proxyResponse(done.outcome.payload);
      it.log(`${api.name} ${key}: ${done.outcome.error.errorType}: ${done.outcome.error.errorMessage}`);
    } catch (error) {
      it.log(`${api.name} ${key}: ${(error as Error).name}: ${(error as Error).message}`);
    }
    return gatewayMessage(500, 'Internal Server Error');
  };

  return {
    service,
    has: (id: string) => apis.has(id),
    create: (id: string, name: string) =>
      void apis.set(id, { id, name, integrations: new Map(), routes: new Map(), stages: new Set() }),
    integrate: (apiId: string, integrationId: string, functionArn: string) =>
      void find(apiId).integrations.set(integrationId, functionArn),
    addStage: (apiId: string, stage: string) => void find(apiId).stages.add(stage),
    /** The target is `integrations/<integrationId>`. */
    addRoute(apiId: string, key: string, target: string, authorization: Authorization) {
      const api = find(apiId);
      const functionArn = api.integrations.get(target.replace(/^integrations\//, ''));
      if (!functionArn)
        throw new AwsError(
          'NotFoundException',
          `Route "${key}" targets ${target}, which ${api.name} doesn't have.`,
          404,
        );
      if (!isRouteKey(key)) throw new AwsError('BadRequestException', `"${key}" is not a route key of an HTTP API.`);
      if (api.routes.has(key))
        throw new AwsError('ConflictException', `Route with key ${key} already exists for this API`, 409);
      api.routes.set(key, { key, functionArn, authorization });
    },
  };
};

/** A named stage is the path's first segment and stays in the raw path; routes are matched without it. */
const stageOf = ({ stages }: Api, path: string) => {
  const [, first = '', ...rest] = path.split('/');
  if (first !== '$default' && stages.has(first)) return { stage: first, path: `/${rest.join('/')}` };
  return stages.has('$default') ? { stage: '$default', path } : undefined;
};
