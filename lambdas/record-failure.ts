import * as z from 'zod';
import { PlannedDatabase } from '../lib/fleet/fleet.ts';
import { failed, WorkItem } from '../lib/fleet/work-item.ts';
import { recordVerdict } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';
import { task } from './task.ts';

/** Without a database, the whole cluster broke: it got no restore point. */
const Broken = WorkItem.extend({
  error: z.object({ Error: z.string(), Cause: z.string().optional() }),
  database: PlannedDatabase.optional(),
  snapshot: z.string().nullable().default(null),
});

/** A step on a database, or on a whole cluster, broke down: says so in the ledger, where the report looks. */
export const handler = task({
  name: 'RecordFailure',
  input: Broken,

  async run({ error, database: only, ...broken }) {
    const message = `${error.Error}: ${sentence(error.Cause ?? '')}`;
    for (const database of only ? [only] : broken.cluster.databases) {
      const item = { ...broken, database };
      const verdict = failed(item, { migration: null, statement: null, sqlstate: '', message }, null);
      await recordVerdict(ledger(), broken.run.run, verdict, broken.wave.wave);
    }
    return {};
  },
});

/** Lambda's cause is a JSON document around the message. */
const sentence = (cause: string): string => {
  try {
    return z.object({ errorMessage: z.string() }).parse(JSON.parse(cause)).errorMessage;
  } catch {
    return cause;
  }
};
