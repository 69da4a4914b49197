import * as z from 'zod';
import { failure } from '../lib/failure.ts';
import { Run } from '../lib/fleet/fleet.ts';
import { restoredAll } from '../lib/ledger/restores.ts';
import { ledger } from './ledger.ts';
import { task } from './task.ts';

/** Some clusters could not be restored, so none is swapped in. */
export const NotAllRestored = failure(
  'NotAllRestored',
  (it: { failed: string[]; missing: number }) =>
    `${[...it.failed, ...(it.missing > 0 ? [`${it.missing} that nothing is known of`] : [])].slice(0, 20).join(', ')} could not be restored, so no cluster was swapped in.`,
);

/** Names change places only once every cluster is there and is what it was. */
export const handler = task({
  name: 'CheckRestored',
  input: z.strictObject({ run: Run, clusters: z.number() }),

  async run({ run, clusters }) {
    const all = await restoredAll(ledger(), run.run);
    const failed = all.filter(({ state }) => state !== 'restored' && state !== 'swapped').map(({ cluster }) => cluster);
    if (failed.length > 0 || all.length < clusters)
      throw new NotAllRestored({ failed, missing: Math.max(0, clusters - all.length) });
    return {};
  },
});
