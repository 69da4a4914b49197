import type { AwsRequest } from '../service.ts';

/**
 * Why a request to the inbox is none of its own, or undefined. The inbox can act as any user of the local Slack, so a
 * page from elsewhere must neither read it (under a host name rebound to 127.0.0.1) nor post its forms.
 */
export const trespass = ({ method, headers }: AwsRequest, endpoint: string): string | undefined => {
  const { port } = new URL(endpoint);
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!hosts.includes(host.toLowerCase())) return `The inbox is at ${hosts.join(' or ')} only.`;
  if (method === 'GET' || method === 'HEAD') return undefined;
  // Every browser names the origin of a POST. Without one it is no browser, and may use the local cloud's API instead.
  if (origin !== `http://${host.toLowerCase()}`) return 'The inbox takes forms from its own pages only.';
  return site === undefined || site === 'same-origin' ? undefined : 'The inbox takes forms from its own pages only.';
};
