import { type TakingBack, takenBack } from '../lib/fleet/attest.ts';
import { runRecord } from '../lib/ledger/runs.ts';
import { sign } from '../lib/ledger/signed.ts';
import { recordStanding, recordVersion, standingsSince, versionOf } from '../lib/ledger/standings.ts';
import { type Attestation, attestationKey } from '../lib/policy/promotion/statements.ts';
import { ledger } from './ledger.ts';
import { bucket, kms, newest, variable } from './services.ts';

/** Signs what the environment says of a bundle, and puts it where the next one looks; not over a later word. */
export const say = async (said: Attestation | null): Promise<void> => {
  if (said === null || !(await recordStanding(ledger(), said))) return;
  const signed = await sign(kms(), variable('ATTESTATION_KEY'), said);
  const version = await bucket().write(attestationKey(said.digest), signed);
  if (version !== null) await recordVersion(ledger(), said, version);
};

/** Whether what was last said of a bundle is what lies there now: nobody has put anything over it, or deleted it. */
export const stillLies = async (digest: string): Promise<boolean> => {
  const version = await versionOf(ledger(), digest);
  return version !== undefined && version === (await newest()(attestationKey(digest)));
};

/** Takes back, of bundles that something was said of since a run, what was said. */
export const takeBackSince = async (
  run: string,
  by: TakingBack,
  concerns: (before: Attestation) => boolean = () => true,
): Promise<void> => {
  const token = (await runRecord(ledger(), run))?.token ?? 0;
  for (const before of await standingsSince(ledger(), token)) if (concerns(before)) await say(takenBack(before, by));
};

/**
 * What a revert has taken away is gone from every bundle that has succeeded since, not only from the one whose run it
 * takes back: another may have the same migrations, or more. Where a step is repeated, the ledger may know already what
 * does not lie yet where the next environment looks.
 */
export const takeBackReverted = (revert: string, by: TakingBack, own?: string): Promise<void> =>
  takeBackSince(
    revert,
    by,
    ({ digest, standing, run }) => digest !== own && (standing === 'succeeded' || run === by.run),
  );
