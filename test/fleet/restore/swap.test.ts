import {
  DBClusterAlreadyExistsFault,
  DBClusterNotFoundFault,
  DescribeDBClustersCommand,
  type DescribeDBClustersCommandInput,
  DisableHttpEndpointCommand,
  EnableHttpEndpointCommand,
  ModifyDBClusterCommand,
  type ModifyDBClusterCommandInput,
} from '@aws-sdk/client-rds';
import { beforeEach, expect, it } from 'vitest';
import { swap } from '../../../lib/fleet/restore/swap.ts';
import { api, client, fault } from '../restore-point/rds.ts';
import { item, shape } from './samples.ts';

type Cluster = { id: string; name: string; status: string; dataApi: boolean; isProtected: boolean };

/** Two clusters that really change; a renaming lasts until it is looked at. */
let all: Cluster[] = [];
const byName = (name: string | undefined) => all.find((it) => it.name === name);
const renaming = new Map<Cluster, string>();

const settle = () => {
  for (const [it, name] of renaming) Object.assign(it, { name, status: 'available' });
  renaming.clear();
};

const told = (it: Cluster) => ({
  ...{ DBClusterIdentifier: it.name, DBClusterArn: `arn:${it.name}`, DbClusterResourceId: it.id, Status: it.status },
  ...{ HttpEndpointEnabled: it.dataApi, DeletionProtection: it.isProtected },
});

const endpoint = (enabled: boolean) => async (input: { ResourceArn?: string }) => {
  const found = byName(input.ResourceArn?.replace('arn:', ''));
  if (!found) throw Object.assign(new Error('not found'), { name: 'ResourceNotFoundFault' });
  found.dataApi = enabled;
  return {};
};

const modify = async (input: ModifyDBClusterCommandInput) => {
  const found = byName(input.DBClusterIdentifier);
  if (found?.status !== 'available') throw Object.assign(new Error('busy'), { name: 'InvalidDBClusterStateFault' });
  const name = input.NewDBClusterIdentifier;
  if (name !== undefined && (byName(name) || [...renaming.values()].includes(name)))
    throw new DBClusterAlreadyExistsFault(fault);
  if (input.DeletionProtection !== undefined) found.isProtected = input.DeletionProtection;
  if (name !== undefined) {
    found.status = 'renaming';
    renaming.set(found, name);
  }
  return {};
};

beforeEach(() => {
  renaming.clear();
  protections = [];
  all = [
    { id: 'cluster-OLD', name: 'orders', status: 'available', dataApi: true, isProtected: false },
    { id: 'cluster-NEW', name: item().restored, status: 'available', dataApi: true, isProtected: false },
  ];
  api.on(DescribeDBClustersCommand).callsFake(async (input: DescribeDBClustersCommandInput) => {
    const id = input.Filters?.[0]?.Values?.[0];
    const found =
      id === undefined ? all.filter((it) => it.name === input.DBClusterIdentifier) : all.filter((it) => it.id === id);
    if (id === undefined && found.length === 0) throw new DBClusterNotFoundFault(fault);
    return { DBClusters: found.map(told) };
  });
  api.on(ModifyDBClusterCommand).callsFake(modify);
  api.on(EnableHttpEndpointCommand).callsFake(endpoint(true));
  api.on(DisableHttpEndpointCommand).callsFake(endpoint(false));
});

/** What was told before a cluster was protected, and whether it was so by then. */
let protections: [string, boolean | undefined][] = [];
const protects = async (id: string) => {
  protections.push([id, all.find((it) => it.id === id)?.isProtected]);
};

const step = (of = item()) => swap(client, of, 'cluster-NEW', protects);

/** Takes steps until it is done, and gives what was told on the way. */
const through = async (of = item()) => {
  const notes: string[] = [];
  for (let at = 0; at < 40; at += 1) {
    const { done, note } = await step(of);
    notes.push(note);
    if (done) return notes;
    if (at % 2 === 1) settle();
  }
  throw new Error(`never done: ${notes.join('; ')}`);
};

const swapped = [
  { id: 'cluster-OLD', name: item().kept, status: 'available', dataApi: true, isProtected: true },
  { id: 'cluster-NEW', name: 'orders', status: 'available', dataApi: true, isProtected: false },
];

it('gives the new cluster the name, and keeps the old one, protected and reachable', async () => {
  const notes = await through();
  expect(all).toEqual(swapped);
  expect(notes[0]).toBe('orders is protected from deletion');
  expect(notes.at(-1)).toBe('orders is the restored one');
});

it('tells of the old one before it protects it, and not where its owners did', async () => {
  await through();
  expect(protections).toEqual([['cluster-OLD', false]]);
  protections = [];
  for (const it of all) Object.assign(it, it.id === 'cluster-OLD' ? { name: 'orders' } : { name: item().restored });
  await through();
  expect(protections).toEqual([]);
});

it('changes nothing any more when it is done', async () => {
  await through();
  api.resetHistory();
  expect(await step()).toMatchObject({ done: true });
  expect(api.calls().every(({ args: [command] }) => command instanceof DescribeDBClustersCommand)).toBe(true);
});

it('disables the Data API before each renaming, since it knows a cluster by its name', async () => {
  await step();
  await step();
  expect(all.map(({ dataApi, status }) => [dataApi, status])).toEqual([
    [false, 'renaming'],
    [false, 'available'],
  ]);
});

it.each([
  ['DescribeDBClustersCommand'],
  ['ModifyDBClusterCommand'],
  ['EnableHttpEndpointCommand'],
  ['DisableHttpEndpointCommand'],
])('goes on where the answer to any %s is lost, though the call was carried out', async (name) => {
  const lost = Object.assign(new Error('no answer'), { name: 'TimeoutError' });
  for (let nth = 1; nth <= 12; nth += 1) {
    renaming.clear();
    all = [
      { id: 'cluster-OLD', name: 'orders', status: 'available', dataApi: true, isProtected: false },
      { id: 'cluster-NEW', name: item().restored, status: 'available', dataApi: true, isProtected: false },
    ];
    let calls = 0;
    const losing = {
      send: async (command: { constructor: { name: string } }) => {
        const answer = await client.send(command as never);
        if (command.constructor.name === name && ++calls === nth) throw lost;
        return answer;
      },
    } as unknown as typeof client;
    for (let at = 0; at < 40; at += 1) {
      const stage = await swap(losing, item(), 'cluster-NEW', protects).catch((error) => {
        if (!['TimeoutError', 'InvalidDBClusterStateFault'].includes(error.name)) throw error;
        return { done: false };
      });
      if (stage.done) break;
      settle();
    }
    expect([nth, all]).toEqual([nth, swapped]);
  }
});

it('leaves the old one without Data API where it had none', async () => {
  all[0]!.dataApi = false;
  await through(item({ shape: shape({ dataApi: false }) }));
  expect(all[0]).toMatchObject({ name: item().kept, dataApi: false });
});

it('does without the old one where it is gone', async () => {
  all.shift();
  await through();
  expect(all).toEqual([swapped[1]]);
});

it('waits while RDS holds the name that was given up, and says so where somebody else has taken it', async () => {
  all[0] = { id: 'cluster-OTHER', name: 'orders', status: 'available', dataApi: true, isProtected: false };
  await expect(step()).rejects.toMatchObject({
    name: 'RestoreFailed',
    message: `orders: another cluster has taken the name; the new one is ${item().restored}`,
  });
  all.shift();
  api.on(ModifyDBClusterCommand).rejectsOnce(new DBClusterAlreadyExistsFault(fault)).callsFake(modify);
  expect(await step()).toMatchObject({ done: false });
});

it('says so where the new one is gone', async () => {
  all.pop();
  await expect(step()).rejects.toMatchObject({ name: 'RestoreFailed', message: 'orders: the new cluster is gone' });
});
