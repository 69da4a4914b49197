import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, expect, it } from 'vitest';
import { awsError, mocks, published, step } from './harness.ts';

const { opened, logs } = step('tell-drift', { SERVICE: 'shop', ENVIRONMENT: 'production', TOPIC: 'arn:topic' });

const CHECK = '_drift/check-1';
const KEY = 'runs/_drift/check-1/report.json';
const AT = '2026-01-05T09:00:00.000Z';

const finding = {
  ...{ kind: 'changed', expected: 'e', found: 'f', run: 'run-1', like: null, count: 1, why: null },
  databases: [{ database: 'a/x', after: null, seen: AT }],
  objects: [{ object: 'index public.i', is: 'not expected', expected: null, found: 'CREATE INDEX i (secret)' }],
};
const report = (findings: object[] = [finding]) => ({
  ...{ check: CHECK, service: 'shop', environment: 'production', startedAt: AT, endedAt: AT, failure: null },
  ...{ atWork: null, databases: 2, alike: 2 - findings.length, findings, problems: [], dataApiCalls: 3 },
});

const event = (more: object = {}) => ({ run: { run: CHECK }, startedAt: AT, found: null, failure: null, ...more });
const found = (fresh: number, gone: number) => ({ databases: 2, alike: 1, findings: 1, fresh, gone });

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

it('tells what is new: which databases, how, and how to see it object by object; never a definition', async () => {
  const { invoke } = await opened({ [KEY]: JSON.stringify(report()) });
  expect(await invoke(event({ found: found(1, 0) }))).toEqual({ failure: null, fresh: 1, gone: 0 });
  expect(published()).toMatchObject([{ TopicArn: 'arn:topic', Subject: 'Drift: shop production, 1 of 2 databases' }]);
  expect(published()[0]?.Message).toBe(
    [
      '1 of 2 databases are as they should be in shop production; 1 new, 0 no more.',
      '  1 database (a/x) was changed, though no migration has run (seen since 2026-01-05 09:00 UTC): has index public.i besides.',
      'Object by object: lockstep drift production --last\n',
    ].join('\n\n'),
  );
});

it('tells what is no more', async () => {
  const { invoke } = await opened({ [KEY]: JSON.stringify(report([])) });
  await invoke(event({ found: found(0, 1) }));
  expect(published()).toMatchObject([
    {
      Subject: 'Drift: shop production, none any more',
      Message: 'All 2 databases are as they should be in shop production; 0 new, 1 no more.\n',
    },
  ]);
});

it('says nothing where there is nothing new', async () => {
  const { invoke } = await opened();
  expect(await invoke(event({ found: found(0, 0) }))).toEqual({ failure: null, fresh: 0, gone: 0 });
  expect(published()).toEqual([]);
});

it('has done its part whether or not the mail goes out', async () => {
  const { invoke } = await opened({ [KEY]: JSON.stringify(report()) });
  mocks.sns.on(PublishCommand).rejects(awsError('InternalErrorException'));
  expect(await invoke(event({ found: found(1, 0) }))).toMatchObject({ failure: null });
  expect(logs()).toContain('drift could not be told');
});

it.each([
  [
    'in the words of a function',
    JSON.stringify({ errorType: 'X', errorMessage: 'no tags for you' }),
    'no tags for you',
  ],
  ['in the words of AWS', 'no tags for you', 'no tags for you'],
  ['without words', undefined, ''],
])('tells that the fleet could not be looked at, %s, and writes that down', async (_, Cause, cause) => {
  const { invoke, json } = await opened();
  const failure = { Error: 'FleetUnreadable', Cause };
  expect(await invoke(event({ failure }))).toEqual({ failure: { error: 'FleetUnreadable', cause } });
  expect(json(KEY)).toMatchObject({ check: CHECK, failure: { error: 'FleetUnreadable', cause }, databases: 0 });
  expect(published()).toMatchObject([
    { Subject: 'Drift not checked: shop production', Message: expect.stringContaining(`FleetUnreadable: ${cause}`) },
  ]);
});
