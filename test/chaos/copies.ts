import type { Migration } from '../../lib/migrations/bundle.ts';
import { engine, finish } from './drive.ts';
import type { Arena, Ground } from './ground.ts';
import type { History } from './history.ts';
import { inLanes } from './lanes.ts';
import { answered, kills, type Misfortune, onlyLast, struckOnce } from './misfortune.ts';
import { compare, type Reference, stateOf } from './reference.ts';
import { add, nothingFound, type Tally } from './tally.ts';
import { through } from './transport.ts';

/** A migration that takes several calls: each misfortune strikes a copy of the database as it stands before it. */
export const strikeCopies = async (
  ground: Ground,
  before: Arena,
  history: History,
  migration: Migration,
  { tables }: Reference,
  tally: Tally,
  told: string,
): Promise<void> => {
  const known = onlyLast(history);
  const undisturbed = await ground.arena(before);
  let calls = 0;
  const counting = through(undisturbed.direct, (command, send) => {
    calls += 1;
    return send(command);
  });
  await engine.bring(undisturbed, counting, history, known);
  const expected = await stateOf(undisturbed, tables);
  await undisturbed.drop();
  const strike = async (misfortune: Misfortune) => {
    const copy = await ground.arena(before);
    const { struck } = await struckOnce(copy, history, misfortune, known, tally);
    if (struck) {
      const complaint = await finish(copy, history, engine, known);
      const found = nothingFound();
      if (complaint) Object.assign(found, { lost: 1, complaints: [complaint] });
      compare(found, await stateOf(copy, tables), expected);
      add(tally, found, `${told}, ${JSON.stringify(misfortune)}`);
    }
    await copy.drop();
  };
  const all = misfortunes(migration, calls);
  await inLanes(
    all.map((misfortune) => () => strike(misfortune)),
    4,
  );
};

/** Every call on both sides, every boundary between statements, and each statement sent by itself while it runs. */
const misfortunes = (migration: Migration, calls: number): Misfortune[] => [
  ...Array.from({ length: calls }, (_, at) => at + 1).flatMap((call): Misfortune[] => [
    { fate: { death: { call, when: 'before' } } },
    { fate: { death: { call, when: 'after' } } },
    { fate: {}, faults: [answered('after', 'reset', call)] },
  ]),
  ...kills(migration).map((kill) => ({ fate: { kill } })),
  ...migration.up
    .filter(({ transactional }) => !transactional)
    .flatMap(({ kind }, at) =>
      [false, true].map((fatal) => ({
        fate: { termination: { nth: at + 1, blocked: kind === 'IndexStmt', fatal } },
      })),
    ),
];
