import * as z from 'zod';
import { failed, WorkItem } from '../lib/fleet/work-item.ts';
import { recordVerdict } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';

import { task } from './task.ts';

/** A step on a database broke down: says so in the ledger, where the report looks. */
export const handler = task({
  name: 'RecordFailure',
  input: WorkItem.extend({ error: z.object({ Error: z.string(), Cause: z.string().optional() }) }),

  async run({ error, ...item }) {
    const message = `${error.Error}: ${sentence(error.Cause ?? '')}`;
    await recordVerdict(
      ledger(),
      item.run.run,
      failed(item, { migration: null, statement: null, sqlstate: '', message }, null),
    );
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
