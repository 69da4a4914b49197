import { sign } from '../lib/ledger/signed.ts';
import { recordStanding } from '../lib/ledger/standings.ts';
import { type Attestation, attestationKey } from '../lib/policy/promotion/statements.ts';
import { ledger } from './ledger.ts';
import { bucket, kms, variable } from './services.ts';

/** Signs what the environment says of a bundle, and puts it where the next one looks; not over a later word. */
export const say = async (said: Attestation | null): Promise<void> => {
  if (said === null || !(await recordStanding(ledger(), said))) return;
  await bucket().write(attestationKey(said.digest), await sign(kms(), variable('ATTESTATION_KEY'), said));
};
