import { type HistoryEntry, type Resolution, readHistory, readResolutions } from '../database/history.ts';
import type { Database, Session } from '../database/session.ts';

/**
 * A database's history with the run that each migration is of: where a person has overruled it since, history names
 * that person, and the resolution remembers the run.
 */
export const runRows = async (session: Session, database: Database): Promise<HistoryEntry[]> => {
  const history = await readHistory(session, database);
  if (!history.some(isResolved)) return history;
  const resolutions = await readResolutions(session, database);
  return history.map((row) => ({ ...row, run: runBehind(row, resolutions) }));
};

const isResolved = ({ run }: Pick<HistoryEntry, 'run'>): boolean => run.startsWith('resolve by ');

const runBehind = ({ migration, run }: HistoryEntry, resolutions: Resolution[]): string => {
  let found = run;
  for (const { before } of resolutions.filter((it) => it.migration === migration).toReversed()) {
    if (!isResolved({ run: found })) return found;
    const { run: earlier } = (before ?? {}) as { run?: string };
    found = earlier ?? found;
  }
  return found;
};
