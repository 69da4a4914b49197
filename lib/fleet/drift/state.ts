import * as z from 'zod';
import { Base } from '../../ledger/base.ts';
import type { Standing } from './expected.ts';

/** Where the environment's bucket keeps what checks for drift remember. */
export const driftStateKey = 'drift/state.json';

/** A schema as it was once seen; a fingerprint names its content for ever. */
export const schemaKey = (fingerprint: string): string => `schemas/${fingerprint}.json`;

/** What stands in a run's place in keys where a fleet is only looked at. No run is called so: names have no slash. */
export const checkName = (execution: string): string => `_drift/${execution}`;

/** What is remembered from one check for drift to the next. */
export const DriftState = z.object({
  /** The check that wrote it, and when it had looked. */
  check: z.string(),
  checkedAt: z.string(),
  /** How many databases deviated that did not before, and how many did no more: a step that is repeated says it again. */
  news: z.object({ fresh: z.number(), gone: z.number() }),
  databases: z.record(
    z.string(),
    z.object({
      fingerprint: z.string(),
      level: z.string(),
      /** When it was seen like that first, and when not yet, if anybody had looked. */
      seen: z.string(),
      after: z.string().nullable(),
      /** Null where nobody could ever look. */
      base: Base.nullable(),
      /** The kind of finding that it is part of. */
      finding: z.string().nullable(),
    }),
  ),
});

export type DriftState = z.infer<typeof DriftState>;

/** What was last seen in a database at its present level: by the run that brought it there or, failing that, by a check. */
export const baseOf =
  (left: Map<string, Base>, state: DriftState | null) =>
  ({ name, level }: Pick<Standing, 'name' | 'level'>): Base | undefined =>
    [left.get(name), state?.databases[name]?.base].find((it) => it?.level === level) ?? undefined;
