import type { HistoryRow } from '../../database/inspect.ts';
import { canonical, sha256 } from '../../migrations/digest.ts';

/**
 * How far a database is, by its history: the same hash where the same migrations have taken effect, whenever, in
 * whichever order and however fast. As long as it stays, no migration has changed the schema.
 */
export const levelOf = (history: Row[]): string =>
  sha256(
    canonical(
      history
        .filter(hasEffect)
        .map(({ migration, checksum, state, step }) => [migration, checksum, state, state === 'applied' ? 0 : step])
        .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    ),
  );

type Row = Pick<HistoryRow, 'migration' | 'checksum' | 'state' | 'step'>;

const hasEffect = ({ state, step }: Row): boolean => state !== 'reverted' && !(state === 'failed' && step === 0);
