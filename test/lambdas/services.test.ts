import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeDBClustersCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { rds } from '../../lambdas/services.ts';
import { retries } from '../../lib/database/retries.ts';

/** How many calls RDS turns away before it answers. */
let away = 0;
let server: Server;

beforeAll(async () => {
  const error = '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>';
  const answer =
    '<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters/></DescribeDBClustersResult></DescribeDBClustersResponse>';
  server = createServer((_, response) => {
    const refused = away > 0;
    away -= 1;
    response.writeHead(refused ? 400 : 200, { 'content-type': 'text/xml' }).end(refused ? error : answer);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  vi.stubEnv('AWS_ENDPOINT_URL_RDS', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'someone');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

it.each([
  ['none that is answered', 0, 0],
  ['each that RDS turned away', 2, 2],
  ['those of one that is given up, too', 3, 2],
])('counts of calls made again %s', async (_, refused, counted) => {
  away = refused;
  const before = retries();
  const answer = rds().send(new DescribeDBClustersCommand({}));
  if (refused < 3) await answer;
  else await expect(answer).rejects.toThrow();
  expect(retries() - before).toBe(counted);
});
