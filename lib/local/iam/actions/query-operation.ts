import type { AwsRequest } from '../../service.ts';

/** The form of a request in the Query protocol, read as the services do: body and query together. */
export const formOf = ({ body, query }: AwsRequest): URLSearchParams => {
  const form = new URLSearchParams(body.toString());
  for (const [name, value] of query) form.append(name, value);
  return form;
};
