import type { Fault } from '../../lib/local/faults/plan.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';
import { type Fate, fated } from './caller.ts';
import { type Ending, engine } from './drive.ts';
import type { Arena } from './ground.ts';
import type { History } from './history.ts';
import { add, nothingFound, type Tally } from './tally.ts';

/** One caller's misfortune, to be told and repeated. */
export type Misfortune = { fate: Fate; faults?: Fault[] };

/** What a caller knows of a database, and is to do there. */
export type Known = { pending: string[]; installed: boolean; direction?: 'up' | 'down' };

/** All but the last are there already. */
export const onlyLast = ({ migrations }: History): Known => ({
  pending: migrations.slice(-1).map(({ id }) => id),
  installed: migrations.length > 1,
});

/** One caller that comes to grief, if the misfortune does strike. */
export const struckOnce = async (
  arena: Arena,
  history: History,
  { fate, faults = [] }: Misfortune,
  known: Partial<Known>,
  tally: Tally,
): Promise<{ struck: boolean; ending: Ending }> => {
  let struck = false;
  const strike = () => {
    struck = true;
    tally.faults += 1;
  };
  const client = arena.client(faults);
  const ending = await engine.bring(arena, fated(arena, client, fate, strike), history, known);
  for (let fault = 0; fault < client.injected(); fault += 1) strike();
  if (ending.state === 'wrong') {
    const complaints = [`a caller with ${JSON.stringify({ fate, faults })} was told: ${ending.why}`];
    add(tally, { ...nothingFound(), complaints }, history.name);
  }
  return { struck, ending };
};

/** Of the one migration that is to be carried out, in its direction. */
export const statementsOf = ({ migrations }: History, { pending: [id], direction }: Known) => {
  const { up, down } = migrations.find((it) => it.id === id)!;
  return { id: id!, up: direction === 'down' ? down!.statements : up };
};

/** The n-th call is answered by what isn't its outcome. */
export const answered = (when: Fault['when'], kind: Fault['kind'], nth = 1): Fault => ({
  ...{ service: 'rds-data', operation: '*', when, kind, on: { nth } },
});

/** Before each statement of a transaction, and after the last one of each, when all is done but the commit. */
export const kills = ({ id, up }: Pick<Migration, 'id' | 'up'>): NonNullable<Fate['kill']>[] =>
  up.flatMap(({ transactional, group }, statement) => {
    if (!transactional) return [];
    const next = up[statement + 1];
    const last = !next?.transactional || next.group !== group;
    return (last ? (['before', 'after'] as const) : (['before'] as const)).map((when) => ({
      migration: id,
      statement,
      when,
    }));
  });
