import { expect, it } from 'vitest';
import { type Restored, recordRestored } from '../../lib/ledger/restores.ts';
import { run } from '../fleet/samples.ts';
import { step } from './harness.ts';

const { opened } = step('check-restored');

const of = (cluster: string, state: Restored['state']): Restored => ({
  ...{ cluster, state, note: '', restored: null, resourceId: null, kept: null, failure: null },
  exchanging: false,
});

it('lets names be changed once every cluster is restored, and not before', async () => {
  const { invoke, ledger } = await opened();
  const check = () => invoke({ run: run(), clusters: 2 });
  await recordRestored(ledger, 'run-1', of('a', 'restored'));
  await expect(check()).rejects.toMatchObject({
    name: 'NotAllRestored',
    message: '1 that nothing is known of could not be restored, so no cluster was swapped in.',
  });
  await recordRestored(ledger, 'run-1', of('b', 'failed'));
  await expect(check()).rejects.toMatchObject({ message: expect.stringMatching(/^b could not/) });
  await recordRestored(ledger, 'run-1', of('b', 'restored'));
  expect(await check()).toEqual({});
});
