import * as z from 'zod';
import { deviations, type Standing } from '../lib/fleet/drift/expected.ts';
import type { Base } from '../lib/ledger/base.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { Attestation } from '../lib/policy/promotion/statements.ts';
import { remembered } from './remembered.ts';

/**
 * What speaks for one of several schemas that are as common as each other: fingerprints that the environment before
 * attested of its whole fleet, of the bundles whose runs have left databases here apart. None where nothing is apart.
 */
export const vouchedFor = async (
  fleet: Standing[],
  base: (it: Standing) => Base | undefined,
  now: string,
): Promise<Set<string>> => {
  const apart = deviations(fleet, base, now).deviations.filter(({ kind }) => kind === 'apart');
  const newest = apart.map((it) => it.base).toSorted((a, b) => (a.at < b.at ? 1 : -1));
  const runs = [...new Set(newest.flatMap(({ run }) => run ?? []))].slice(0, MOST_RUNS);
  const plans = await Promise.all(runs.map((run) => remembered(runKey(run, 'plan'), Planned)));
  return new Set(plans.flatMap((it) => it?.previous.fingerprint ?? []));
};

/** Each is an object to be read. */
const MOST_RUNS = 20;

/** As the step Plan writes down how the bundle fared in the environment before. */
const Planned = z.object({
  previous: Attestation.extend({ standing: z.literal('succeeded'), wholeFleet: z.literal(true) }),
});
