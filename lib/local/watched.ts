import type { AwsRequest, AwsResponse, Service } from './service.ts';

/** Told of a call by the service's signing name, once it is answered. */
export type OnCall = (service: string, request: AwsRequest, response: AwsResponse) => void;

/** Services that tell somebody of each of their calls. */
export const watched = <Name extends string>(
  services: Record<Name, Service>,
  onCall: OnCall | undefined,
): Record<Name, Service> =>
  onCall === undefined
    ? services
    : (Object.fromEntries(
        Object.entries<Service>(services).map(([name, service]) => [name, tellingOf(name, service, onCall)]),
      ) as Record<Name, Service>);

const tellingOf =
  (name: string, service: Service, onCall: OnCall): Service =>
  async (request) => {
    const response = await service(request);
    onCall(name, request, response);
    return response;
  };
