import { describe, expect, it } from 'vitest';
import { digest } from '../../lib/migrations/digest.ts';
import { bundleOf, cluster, database, run } from '../fleet/samples.ts';
import { step, uploaded } from './harness.ts';

const bundle = bundleOf('001');
const event = { run: run({ digest: digest(bundle) }), results: 'manifest.json' };
const files = () => ({
  ...uploaded(bundle),
  'manifest.json': '{"ResultFiles":{"SUCCEEDED":[{"Key":"0.json"}]}}',
  '0.json': JSON.stringify([{ Output: JSON.stringify(cluster('a', database('orders'))) }]),
});

// Number('many') would cut the fleet into no waves at all, and a run of no waves would be a success.
describe.each(['0', '1.5', '-1', 'many'])('with waves of %j', (WAVE_SIZE) => {
  const { opened } = step('plan', {
    SERVICE: 'shop',
    ENVIRONMENT: 'production',
    WAVE_SIZE,
    RESTORE_POINT: '{"kind":"pointInTime"}',
  });

  it('makes no plan', async () => {
    const { invoke, bucket } = await opened(files());
    await expect(invoke(event)).rejects.toThrow();
    expect(Object.keys(bucket.files)).not.toContain('runs/run-1/plan.json');
  });
});
