import { createHash } from 'node:crypto';
import { z } from 'zod';
import { boolean, type Context, ignored, type Resource, resource } from '../resource.ts';

/** API Gateway's ids are ten of lower case and digits; these are always the same for the same resource. */
const idOf = ({ stack, logicalId }: Context) =>
  BigInt(`0x${createHash('sha256').update(`${stack}/${logicalId}`).digest('hex')}`)
    .toString(36)
    .slice(0, 10);

export const api: Resource = resource(
  {
    Name: z.string(),
    ProtocolType: z.literal('HTTP'),
    Description: ignored,
    RouteSelectionExpression: ignored,
    IpAddressType: ignored,
  },
  ({ Name }, context) => {
    const id = idOf(context);
    context.services.apis.create(id, Name);
    return { ref: id, attributes: { ApiId: id, ApiEndpoint: `${context.services.endpoint()}/apis/${id}` } };
  },
);

export const integration: Resource = resource(
  {
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY'),
    IntegrationUri: z.string(),
    PayloadFormatVersion: z.literal('2.0'),
    IntegrationMethod: ignored,
    Description: ignored,
  },
  ({ ApiId, IntegrationUri }, context) => {
    const id = idOf(context).slice(0, 7);
    // Either the function's ARN, or the path of its Invoke operation with the ARN in it.
    const functionArn = /functions\/(arn:.*)\/invocations$/.exec(IntegrationUri)?.[1] ?? IntegrationUri;
    context.services.functions.configuration(functionArn);
    context.services.apis.integrate(ApiId, id, functionArn);
    return { ref: id, attributes: { IntegrationId: id } };
  },
);

export const route: Resource = resource(
  {
    ApiId: z.string(),
    RouteKey: z.string(),
    Target: z.string(),
    AuthorizationType: z.enum(['NONE', 'AWS_IAM']).default('NONE'),
    ApiKeyRequired: z.literal(false).optional(),
    OperationName: ignored,
  },
  ({ ApiId, RouteKey, Target, AuthorizationType }, context) => {
    context.services.apis.addRoute(ApiId, RouteKey, Target, AuthorizationType);
    const id = idOf(context).slice(0, 7);
    return { ref: id, attributes: { RouteId: id } };
  },
);

/** A name that leads to AWS only: here, an API is reached at its ApiEndpoint. */
export const domainName: Resource = resource(
  {
    DomainName: z.string(),
    DomainNameConfigurations: z.array(z.looseObject({})).optional(),
    MutualTlsAuthentication: ignored,
    RoutingMode: ignored,
  },
  ({ DomainName }, context) => {
    const { place } = context;
    const RegionalDomainName = `d-${idOf(context)}.execute-api.${place.region}.amazonaws.com`;
    const DomainNameArn = `arn:${place.partition}:apigateway:${place.region}::/domainnames/${DomainName}`;
    // The zone's id is a constant of the Region, of which none here is asked for.
    return { ref: DomainName, attributes: { RegionalDomainName, RegionalHostedZoneId: 'ZLOCAL', DomainNameArn } };
  },
);

export const apiMapping: Resource = resource(
  { ApiId: z.string(), DomainName: z.string(), Stage: z.string(), ApiMappingKey: z.string().optional() },
  (_, context) => {
    const id = idOf(context).slice(0, 6);
    return { ref: id, attributes: { ApiMappingId: id } };
  },
);

export const stage: Resource = resource(
  {
    ApiId: z.string(),
    StageName: z.string(),
    AutoDeploy: boolean.refine((it) => it, 'only stages that deploy automatically can be had here'),
    Description: ignored,
    // Throttling protects an account's shared capacity, and access logs are for CloudWatch.
    DefaultRouteSettings: ignored,
    RouteSettings: ignored,
    AccessLogSettings: ignored,
  },
  ({ ApiId, StageName }, { services }) => {
    services.apis.addStage(ApiId, StageName);
    return { ref: StageName };
  },
);
