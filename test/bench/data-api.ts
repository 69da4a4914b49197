import { dataApi } from '../../lib/local/rds-data/data-api.ts';
import { serve } from '../../lib/local/server.ts';

// The local Data API in a process of its own, as AWS's is not in the caller's; ends when its parent does.

/** What the process is told, as its one argument. */
export type Behind = { clusterArn: string; port: number; user: string; password: string };

const { clusterArn, port, user, password }: Behind = JSON.parse(process.argv[2]!);
const { service } = dataApi({
  clusters: () => ({ arn: clusterArn, port, httpEndpointEnabled: true }),
  secrets: { value: async () => JSON.stringify({ username: user, password }) },
});
const http = await serve(0, {
  services: { 'rds-data': service },
  apis: async () => ({ status: 404 }),
  principal: (accessKeyId) => accessKeyId,
});
process.once('disconnect', () => process.exit());
process.send?.(http.port);
