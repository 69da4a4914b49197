import type { Service } from '../service.ts';
import type { Authorizer } from './authorizer.ts';
import type { Mapping } from './mapping.ts';
import { roleOf, userOf } from './sessions.ts';

/** The services behind the check whether the caller's role or user may do what it asks for. */
export const guarded = <Name extends string>(
  services: Record<Name, Service>,
  mappings: Record<Name, Mapping>,
  authorizer: Pick<Authorizer, 'refusal'>,
): Record<Name, Service> => {
  const names = Object.keys(services) as Name[];
  return Object.fromEntries(
    names.map((name) => [name, guard(name, services[name], mappings[name], authorizer)]),
  ) as Record<Name, Service>;
};

const guard =
  (name: string, service: Service, mapping: Mapping, { refusal }: Pick<Authorizer, 'refusal'>): Service =>
  async (request) => {
    const { principal } = request;
    const isRoot = roleOf(principal) === undefined && userOf(principal) === undefined;
    if (isRoot && !mapping.bindsRoot) return service(request);
    const checks = await mapping.checks(request);
    if (isRoot && !checks) return service(request);
    const refused = checks ? refusal(principal, checks) : unmapped(principal, name);
    if (refused) return mapping.refuse(refused, request);
    const answer = await service(request);
    const hidden = refusal(principal, mapping.checksOnAnswer?.(request, answer) ?? []);
    return hidden ? mapping.refuse(hidden, request) : answer;
  };

const unmapped = (principal: string, service: string) =>
  `User: ${principal} is not authorized to perform this operation of ${service}: the local cloud doesn't know which permissions AWS would ask for, so no role and no user may call it.`;
