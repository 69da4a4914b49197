import type { z } from 'zod';
import type { State } from '../state.ts';
import type { Workspace } from '../workspaces.ts';

/** Whose call it is: the app's in this workspace. */
export type Caller = { state: State; workspace: Workspace };

/** One method of the Web API; it returns its answer's members beside `ok`, or throws a SlackError. */
export const method = <Input extends z.ZodType>(
  input: Input,
  run: (caller: Caller, input: z.output<Input>) => Record<string, unknown>,
) => ({ input, run });
