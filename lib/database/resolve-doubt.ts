import type { Migration } from '../migrations/bundle.ts';
import type { Sent } from './doubt.ts';
import type { HistoryEntry } from './history.ts';
import type { Change, Verdict } from './resolve.ts';
import { prefixOf } from './segments.ts';

/**
 * What a verdict about a statement in doubt makes of its migration: it took effect, and the migration goes on behind it
 * (or is at its end), or it did not, and it is sent again.
 */
export const resolveDoubt = (
  file: Migration | undefined,
  { name, checksum, mode, prefix }: HistoryEntry,
  { statement, direction, ...sent }: Sent,
  { as, done }: Verdict,
  refuse: (reason: string) => Error,
): Omit<Change['after'], 'position'> => {
  if (done !== undefined) throw refuse(`has statement ${statement} in doubt. Decide on that one, without --done.`);
  const down = direction === 'down';
  if (as === 'not applied') {
    const step = statement - 1;
    const state = down ? (step === 0 ? 'applied' : 'reverting') : 'failed';
    const note = state === 'applied' ? null : `statement ${statement} is to be sent again, as resolved`;
    return { name, checksum, mode, step, state, prefix, note };
  }
  const statements = down ? file?.down?.statements : file?.up;
  if (!file || !statements)
    throw refuse(
      `is not among the files${file ? ' with a down' : ''}, so that nobody knows what comes after statement ${statement}. Name their folder with --dir.`,
    );
  const now = prefixOf(statements, statement);
  if (statements.length < statement || (sent.prefix !== null && sent.prefix !== now))
    throw refuse(
      `was edited up to statement ${statement} since that was sent. Put its file back as it was, then decide; what comes behind may be mended.`,
    );
  const last = statements.length === statement;
  return {
    ...{ name: file.name, checksum: down ? checksum : file.checksum, mode: down ? mode : file.mode, step: statement },
    state: down ? (last ? 'reverted' : 'reverting') : last ? 'applied' : 'failed',
    prefix: now,
    note: last ? null : `to be continued after statement ${statement}, as resolved`,
  };
};
