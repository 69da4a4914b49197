import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, expect, it } from 'vitest';
import { recordRun } from '../../lib/ledger/runs.ts';
import { differing, inOneSentence } from '../fleet/differing.ts';
import { run } from '../fleet/samples.ts';
import { mocks, published, step } from './harness.ts';

const { opened } = step('report', { SERVICE: 'shop', ENVIRONMENT: 'production', TOPIC: 'arn:topic' });

const differ = { Error: 'FingerprintsDiffer', Cause: JSON.stringify({ errorMessage: inOneSentence }) };
const files = { 'runs/run-1/differences.json': JSON.stringify(differing) };

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

const reported = async (kept: Record<string, string>, failure: object | null = differ) => {
  const { invoke, json, ledger } = await opened(kept);
  await recordRun(ledger, { ...run(), status: 'RUNNING' });
  await invoke({ run: run(), execution: run().execution, failure });
  return json('runs/run-1/report.json');
};

it('brings what Converge has found into the report, and says it to people', async () => {
  expect(await reported(files)).toMatchObject({
    failure: { error: 'FingerprintsDiffer', cause: inOneSentence },
    differences: differing,
    dataApiCalls: 2,
  });
  expect(published()).toMatchObject([{ Message: expect.stringContaining('lacks index public.by_name') }]);
});

it.each([
  ['was not written down', {}],
  ['is of another shape', { 'runs/run-1/differences.json': '{"schemas":2}' }],
  ['is broken off', { 'runs/run-1/differences.json': '{"sche' }],
])('has what the failure says where what was found %s', async (_, kept) => {
  expect(await reported(kept)).toMatchObject({
    failure: { error: 'FingerprintsDiffer', cause: inOneSentence },
    differences: null,
  });
});

it('does not take an earlier try for what a run has ended with', async () => {
  expect(await reported(files, { Error: 'NoSuchKey', Cause: 'x' })).toMatchObject({ differences: null });
});
