import { isMissing } from '../lib/ledger/objects.ts';
import { bucket } from './services.ts';

/** What lies there in the environment's bucket. Null where nothing does, and where what another version wrote can't be read. */
export const remembered = async <Value>(
  key: string,
  shape: { safeParse(value: unknown): { data?: Value | undefined } },
): Promise<Value | null> => {
  try {
    return shape.safeParse(await bucket().json(key)).data ?? null;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  }
};
