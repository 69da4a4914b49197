import { engine, finish } from './drive.ts';
import type { Ground } from './ground.ts';
import type { History } from './history.ts';
import { type Misfortune, struckOnce } from './misfortune.ts';
import { examine, type Reference } from './reference.ts';
import { add, type Tally } from './tally.ts';
import { through } from './transport.ts';

/** Misfortunes at every call of a whole run, from an empty database to the end, on both sides. */
export const wholeRuns = async (ground: Ground, history: History): Promise<Misfortune[]> => {
  const arena = await ground.arena();
  let calls = 0;
  const counting = through(arena.direct, (command, send) => {
    calls += 1;
    return send(command);
  });
  await engine.bring(arena, counting, history);
  await arena.drop();
  return Array.from({ length: calls }, (_, at) => at + 1).flatMap((call): Misfortune[] => [
    { fate: { death: { call, when: 'before' } } },
    { fate: { death: { call, when: 'during' } } },
    { fate: { death: { call, when: 'after' } } },
    { fate: {}, faults: [{ service: 'rds-data', operation: '*', when: 'before', kind: '503', on: { nth: call } }] },
    { fate: {}, faults: [{ service: 'rds-data', operation: '*', when: 'after', kind: 'reset', on: { nth: call } }] },
  ]);
};

/** A whole run during which one misfortune strikes; then the next callers end the work. */
export const wholeRun = async (
  ground: Ground,
  history: History,
  misfortune: Misfortune,
  reference: Reference,
  tally: Tally,
): Promise<void> => {
  const arena = await ground.arena();
  try {
    await struckOnce(arena, history, misfortune, {}, tally);
    const complaint = await finish(arena, history, engine);
    const how = `${history.name} on PostgreSQL ${ground.major}, a whole run with ${JSON.stringify(misfortune)}`;
    add(tally, await examine(arena, history, reference, engine, complaint ? [complaint] : []), how);
  } finally {
    await arena.drop();
  }
};
