import { expect, it } from 'vitest';
import { digest, sha256 } from '../../lib/migrations/digest.ts';
import { bundleOf, run } from '../fleet/samples.ts';
import { awsError, dataApi, pages, statements, step, uploaded } from './harness.ts';
import { entry } from './work-item.ts';

const { opened, logs } = step('inspect-cluster');

const bundle = bundleOf('001', '002');
const where = { cluster: 'a', clusterArn: 'arn:a', secretArn: 'secret-a' };
const event = (...databases: string[]) => ({
  run: run({ digest: digest(bundle) }),
  cluster: { ...where, databases, ...declared },
});
const declared = { labels: { tier: 'gold' }, databaseLabels: { orders: { region: 'eu' } } };
const fingerprint = sha256('schema');

/** Migration, position, checksum, state, statements done, their hash, and order of application. */
const row = (migration: string, checksum = sha256(migration)) => [migration, 1, checksum, 'applied', 1, null, 1, 7];

const found = (more: object = {}) => ({
  server: 170009,
  bytes: 8_000_000,
  installed: true,
  history: [row('001')],
  fingerprint,
  invalidIndexes: [],
  notValidated: [],
  ...more,
});

const unread = {
  ...{
    installed: false,
    fingerprint: '',
    head: '',
    level: '',
    server: 0,
    blemishes: [],
    bytes: 0,
    labels: { tier: 'gold' },
  },
  ...{ applied: 0, late: [], taken: [], dataApiCalls: 1 },
};
const head = expect.stringMatching(/^[0-9a-f]{64}$/);

it('tells where every database stands, with one Data API call each', async () => {
  const { invoke } = await opened(uploaded(bundle));
  dataApi(
    found({ invalidIndexes: ['public.i'], notValidated: ['public.t.c'] }),
    found({ installed: false, history: [] }),
  );
  expect(await invoke(event('orders', 'billing'))).toEqual({
    ...{ ...where, labels: { tier: 'gold' }, problems: [] },
    databases: [
      {
        database: 'orders',
        installed: true,
        fingerprint,
        head,
        level: head,
        server: 170009,
        bytes: 8_000_000,
        labels: { tier: 'gold', region: 'eu' },
        blemishes: ['public.i', 'public.t.c'],
        applied: 1,
        late: [],
        taken: [],
        problems: [],
        dataApiCalls: 1,
      },
      {
        database: 'billing',
        ...unread,
        fingerprint,
        head,
        level: head,
        server: 170009,
        bytes: 8_000_000,
        problems: [],
      },
    ],
  });
  expect(statements()).toMatchObject([
    { resourceArn: 'arn:a', secretArn: 'secret-a', database: 'orders' },
    { resourceArn: 'arn:a', secretArn: 'secret-a', database: 'billing' },
  ]);
});

it('tells by the head whether anything in a history has changed', async () => {
  const { invoke } = await opened(uploaded(bundle));
  const edited = [...row('001').slice(0, -2), 2, 7];
  // How long it took is no part of what has been done.
  const slower = [...row('001').slice(0, -1), 900];
  const histories = [
    [row('001')],
    [row('001'), row('002')],
    [row('001', 'other')],
    [edited],
    [],
    [row('001')],
    [slower],
  ];
  dataApi(...histories.map((history) => found({ history })));
  const { databases } = await invoke(event('a', 'b', 'c', 'd', 'e', 'f', 'g'));
  const heads = databases.map(({ head }: { head: string }) => head);
  expect(new Set(heads).size).toBe(5);
  expect([heads[5], heads[6]]).toEqual([heads[0], heads[0]]);
});

it('tells what speaks against going on', async () => {
  const { invoke } = await opened(uploaded(bundle));
  dataApi(found({ history: [row('001', 'other')] }));
  const { databases } = await invoke(event('orders'));
  expect(databases).toMatchObject([{ problems: [expect.stringContaining('001_step_001.sql was edited')] }]);
});

it('tells where the run that is to be taken back stands in the bundle, and what is in its way', async () => {
  const { invoke } = await opened(uploaded(bundle));
  const taking = { ...event('orders', 'billing'), run: { ...event().run, direction: 'down', revert: 'run-0' } };
  // What stops a run forward, an edited file, is no reason to keep it.
  const edited = found({ history: [row('001', 'other')] });
  const later = [entry('001', 'run-0'), entry('002', 'run-9')];
  dataApi(edited, ...pages(entry('001', 'run-0'), entry('002', 'run-0')), found(), ...pages(...later));
  const { databases } = await invoke(taking);
  expect(databases).toMatchObject([
    { taken: [[0, 1]], problems: [], dataApiCalls: 3 },
    { taken: [[0, 0]], problems: [expect.stringContaining('002 (run run-9) stands there on top')], dataApiCalls: 3 },
  ]);
});

it.each([
  [
    'that nobody may log in to',
    awsError('AccessDeniedException', 'not authorized'),
    "orders can't be worked on: AccessDeniedException: not authorized",
  ],
  [
    'that does not wake up in time',
    awsError('DatabaseResumingException', 'resuming after being auto-paused'),
    "orders can't be worked on: resuming after being auto-paused",
  ],
  [
    'that does not exist',
    awsError('DatabaseErrorException', 'FATAL: database "orders" does not exist; SQLState: 3D000'),
    'can\'t be read: database "orders" does not exist (SQLSTATE 3D000)',
  ],
  [
    'that is too busy',
    awsError('StatementTimeoutException', 'Request timed out'),
    "can't be read within the Data API's 45 seconds",
  ],
])('makes a problem of a database %s, and looks at the others all the same', async (_, error, problem) => {
  const { invoke } = await opened(uploaded(bundle));
  dataApi(error, found());
  const { databases } = await invoke(event('orders', 'billing'));
  expect(databases).toEqual([
    { database: 'orders', ...unread, labels: { tier: 'gold', region: 'eu' }, problems: [problem] },
    expect.objectContaining({ database: 'billing', applied: 1, problems: [], dataApiCalls: 1 }),
  ]);
});

it('sends no SQL to a cluster that can not be worked on', async () => {
  const { invoke } = await opened(uploaded(bundle));
  const given = event('orders');
  const problems = ['is stopped. Start it.'];
  expect(await invoke({ ...given, cluster: { ...given.cluster, problems } })).toEqual({
    ...{ ...where, labels: { tier: 'gold' }, problems, databases: [] },
  });
  expect(statements()).toEqual([]);
});

it('breaks on an answer that no inspection gives', async () => {
  const { invoke } = await opened(uploaded(bundle));
  dataApi(found({ fingerprint: 'short' }));
  await expect(invoke(event('orders'))).rejects.toMatchObject({ name: 'ZodError' });
  expect(JSON.parse(logs())).toMatchObject({ task: 'InspectCluster', run: 'run-1', cluster: 'a' });
});

it('refuses a bundle that is not there', async () => {
  const { invoke } = await opened();
  await expect(invoke(event('orders'))).rejects.toMatchObject({ name: 'BundleNotFound' });
});

it.each([
  ['cluster.cluster', { ...event('orders'), cluster: { ...where, cluster: 'A B', databases: [] } }],
  ['cluster.databases.0', event('Orders; DROP')],
  ['run', { cluster: event('orders').cluster }],
])('refuses an input with a bad %s', async (field, given) => {
  const { invoke } = await opened(uploaded(bundle));
  await expect(invoke(given)).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`InspectCluster can't work with its input: ${field}: `),
  });
});
