import * as z from 'zod';
import type { Run } from '../lib/fleet/fleet.ts';
import { previewName } from '../lib/ledger/objects.ts';
import { NAME } from './execution-name.ts';
import { bucket } from './services.ts';
import { task } from './task.ts';

const Input = z.strictObject({
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'a bundle digest is 64 hexadecimal digits'),
});

/**
 * Lets somebody ask what a run would do: the input is sound, and the bundle is what its digest says. Whoever asks may
 * change nothing by it, so nothing is taken or written down; what the steps exchange has a place where no run looks.
 */
export const handler = task({
  name: 'AdmitPreview',
  input: z.strictObject({
    input: Input,
    execution: z.string(),
    name: z.string().regex(NAME, 'name the execution with 1 to 80 of A-Z a-z 0-9 _ . = + @ -'),
    startedAt: z.string(),
  }),

  async run({ input: { digest }, execution, name, startedAt }): Promise<Run> {
    await bucket().anyBundle(digest);
    const nobody = { token: 0, requestedBy: 'a preview', direction: 'up', decided: false, revert: null } as const;
    return { run: previewName(name), execution, digest, startedAt, ...nobody };
  },
});
