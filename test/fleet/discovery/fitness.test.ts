import type { DBCluster } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { type Instance, unfitness } from '../../../lib/fleet/discovery/fitness.ts';

const fit: DBCluster = {
  Engine: 'aurora-postgresql',
  EngineVersion: '16.4',
  EngineMode: 'provisioned',
  Status: 'available',
  HttpEndpointEnabled: true,
  DBClusterArn: 'arn:orders',
  DBClusterMembers: [
    { DBInstanceIdentifier: 'reader', IsClusterWriter: false },
    { DBInstanceIdentifier: 'writer', IsClusterWriter: true },
  ],
};
const instances = (more: Instance = {}) =>
  new Map<string, Instance>([
    ['writer', { DBInstanceClass: 'db.r6g.large', DBInstanceStatus: 'available', ...more }],
    ['reader', { DBInstanceClass: 'db.t4g.medium', DBInstanceStatus: 'rebooting' }],
  ]);
const problems = (cluster: DBCluster | undefined, writer?: Instance) => unfitness('orders', cluster, instances(writer));

describe('a cluster', () => {
  it.each<[string, DBCluster, Instance?]>([
    ['as it should be', {}],
    ['of the oldest version that has the Data API', { EngineVersion: '13.11' }],
    ['of a newer one than is known', { EngineVersion: '18.0' }],
    ['that is being backed up', { Status: 'backing-up' }],
    ['that is being modified', { Status: 'modifying' }],
    ['that is paused, which nothing tells, and resumes', {}, { DBInstanceClass: 'db.serverless' }],
  ])('%s can be worked on', (_, more, writer) => {
    expect(problems({ ...fit, ...more }, writer)).toEqual([]);
  });

  it.each<[string, DBCluster, string, Instance?]>([
    ['of MySQL', { Engine: 'aurora-mysql' }, 'is of the engine aurora-mysql, and Lockstep works on aurora-postgresql.'],
    ['of Serverless v1', { EngineMode: 'serverless' }, 'is Aurora Serverless v1, which AWS has ended.'],
    ['that is too old', { EngineVersion: '14.7' }, 'runs PostgreSQL 14.7, and the Data API needs 14.8 or newer.'],
    [
      'that is far too old',
      { EngineVersion: '11.21' },
      'runs PostgreSQL 11.21, and the Data API needs 13.11, 14.8, 15.3, 16.1, 17.4 or newer.',
    ],
    [
      'that is stopped',
      { Status: 'stopped' },
      'is stopped. Start it: aws rds start-db-cluster --db-cluster-identifier',
    ],
    ['that is being made', { Status: 'creating' }, 'is creating. Wait until it is available.'],
    [
      'without the Data API',
      { HttpEndpointEnabled: false },
      'has its Data API switched off. Switch it on: aws rds enable-http-endpoint --resource-arn arn:orders',
    ],
    ['without a writer', { DBClusterMembers: fit.DBClusterMembers!.slice(0, 1) }, 'has no writer instance. Add one'],
    [
      'of a T class',
      {},
      'has the writer writer of the class db.t4g.medium, and the Data API works on no T class. Change it',
      { DBInstanceClass: 'db.t4g.medium' },
    ],
    [
      'whose writer is not there',
      {},
      'has the writer writer, which is rebooting. Wait until it is available.',
      { DBInstanceStatus: 'rebooting' },
    ],
  ])('%s can not, and it is said what to do', (_, more, problem, writer) => {
    expect(problems({ ...fit, ...more }, writer)).toEqual([expect.stringContaining(problem)]);
  });

  it('that is not there can not', () => {
    expect(problems(undefined)).toEqual([
      'there is no such cluster in this account and region. Take it out of the fleet, or restore it.',
    ]);
  });

  it('is told everything at once, and that it is stopped only once', () => {
    const given = { ...fit, Status: 'stopped', HttpEndpointEnabled: false };
    expect(problems(given, { DBInstanceStatus: 'stopped' })).toHaveLength(2);
  });
});
