import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Alarms } from '../cloudwatch/alarms.ts';
import type { Tables } from '../dynamodb/tables.ts';
import type { Rules } from '../events/rules.ts';
import type { HttpApis } from '../http-api/http-api.ts';
import type { ResourcePolicies } from '../iam/resource-policies.ts';
import type { SigningKeys } from '../kms/keys.ts';
import type { Functions } from '../lambda/functions.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import type { Schedules } from '../scheduler/schedules.ts';
import type { Vault } from '../secrets-manager/vault.ts';
import type { Place } from '../service.ts';
import type { Topics } from '../sns/topics.ts';
import type { DocumentStore } from '../ssm/documents.ts';
import type { ParameterStore } from '../ssm/parameter-store.ts';
import type { StepFunctions } from '../step-functions/step-functions.ts';
import type { Made } from '../template/scope.ts';
import { UnresolvableTemplate } from '../template/template.ts';
import type { Roles } from './roles.ts';

/** The services that resources are made in. */
export type Services = {
  place: Place;
  /** Whether an account is another one's cloud, where what is made for it is deployed. */
  isNeighbour?(account: string): boolean;
  endpoint(): string;
  store: ObjectStore;
  tables: Tables;
  topics: Topics;
  functions: Functions;
  apis: HttpApis;
  alarms: Pick<Alarms, 'put'>;
  clock: Clock;
  schedules: Pick<Schedules, 'put' | 'remove'>;
  rules: Pick<Rules, 'put' | 'remove'>;
  stepFunctions: Pick<StepFunctions, 'createStateMachine'>;
  documents: DocumentStore;
  parameters: ParameterStore;
  vault: Vault;
  keys: Pick<SigningKeys, 'ensure' | 'alias'>;
  roles: Roles;
  resourcePolicies: ResourcePolicies;
  /** Folders of zipped assets, by `<bucket>/<key>`. */
  folders: Map<string, string>;
};

export type Context = {
  stack: string;
  logicalId: string;
  services: Services;
  place: Place;
  /** A physical name made of stack and logical id: the same at every deployment, so that what was kept is found again. */
  name(longest: number): string;
  /** An ARN in this place. */
  arn(service: string, resource: string): string;
};

/** Makes a resource of one type, or brings the one that stands to what the template says. */
export type Resource = (properties: Record<string, unknown>, context: Context) => Promise<Made>;

/**
 * A type of resource. The schema names every property that is honoured or that can't make a difference here (`ignored`);
 * any other is refused, so that nothing is silently different from AWS.
 */
export const resource =
  <Properties extends z.ZodRawShape>(
    shape: Properties,
    make: (properties: z.output<z.ZodObject<Properties>>, context: Context) => Made | Promise<Made>,
  ): Resource =>
  async (given, context) => {
    const { Tags: _, ...properties } = given;
    const parsed = z.strictObject(shape).safeParse(properties);
    if (parsed.success) return make(parsed.data as z.output<z.ZodObject<Properties>>, context);
    const { path, message } = parsed.error.issues[0]!;
    const at = [context.logicalId, 'Properties', ...path].join('.');
    throw new UnresolvableTemplate({
      stack: context.stack,
      path: at,
      problem: `the local cloud doesn't honour this: ${message}.`,
    });
  };

/** A property that makes no difference on one machine. */
export const ignored = z.unknown().optional();
/** CloudFormation takes numbers and booleans as text, too. */
export const number = z.coerce.number();
export const boolean = z.union([z.boolean(), z.enum(['true', 'false']).transform((it) => it === 'true')]);

export const contextOf = (services: Services, stack: string, logicalId: string): Context => {
  const { place } = services;
  const hash = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');
  return {
    stack,
    logicalId,
    services,
    place,
    name: (longest) => `${`${stack}-${logicalId}`.slice(0, longest - 13)}-${hash.slice(0, 12).toUpperCase()}`,
    arn: (service, it) => `arn:${place.partition}:${service}:${place.region}:${place.account}:${it}`,
  };
};
