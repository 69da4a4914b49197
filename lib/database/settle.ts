import type { Progress } from './apply.ts';
import { remedy } from './doubt.ts';
import { Fenced, HistoryConflict } from './failures.ts';
import type { Blocker, Carried, Outcome } from './outcome.ts';
import type { Database } from './session.ts';

/** Adds what became of a part of the work to its progress; false when the work ends with it. */
export const settle = (progress: Progress, { done, milliseconds, stop }: Carried, database: Database): boolean => {
  const known = new Set(progress.applied);
  for (const { migration, by } of done) {
    // A migration of several segments is told of several times; what other runs applied is not ours to claim.
    if (by === 'another run' || known.has(migration)) continue;
    known.add(migration);
    progress.applied.push(migration);
  }
  progress.milliseconds += milliseconds;
  if (stop) end(progress, stop, database);
  return stop === null;
};

const end = (progress: Progress, it: Outcome, { database }: Database): void => {
  progress.applied = progress.applied.filter((id) => id !== it.migration);
  switch (it.outcome) {
    case 'busy':
    case 'running':
      progress.state = 'running';
      return;
    case 'failed':
    case 'in doubt': {
      const { statement = null, sqlstate = '', message = '', blockers } = it.failure ?? {};
      const held = (blockers ?? []).map(holder).join('; ');
      progress.state = it.outcome;
      progress.failure = {
        ...{ migration: it.migration, statement, sqlstate },
        message: [
          held ? `${message}; held then: ${held}` : message,
          ...(it.outcome === 'in doubt' ? [remedy('ENVIRONMENT', database, it.migration)] : []),
        ].join('. '),
      };
      return;
    }
    case 'fenced':
      throw new Fenced({ database, by: it.by ?? 'an unknown run' });
    case 'edited':
      throw new HistoryConflict({
        database,
        migration: it.migration,
        reason: edit(it),
      });
    case 'out of order':
      throw new HistoryConflict({ database, migration: it.migration, reason: obstacle(it) });
  }
};

const edit = ({ why }: Outcome): string => {
  switch (why) {
    case 'unsettled':
      return 'was edited while nobody knows yet what became of a statement of it that was sent there. Restore the file, or settle it with lockstep resolve.';
    case 'half done':
      return 'got half-way there, and what is done of it was edited since. Restore that; only what comes after may be changed.';
    case 'session':
      return 'got half-way there, and what is done of it has set something in its session that the next statement would not find. Put that next statement between BEGIN and COMMIT.';
    default:
      return 'was applied there with another content. Add a new migration instead of editing it.';
  }
};

const holder = (it: Blocker): string =>
  `${it.mode} on ${it.relation} by pid ${it.pid} (${it.application || 'no name'}, role ${it.role}, ${it.state} for ${it.seconds} s)`;

const obstacle = ({ why, other }: Outcome): string => {
  switch (why) {
    case 'missing before':
      return other
        ? `can't be applied: not all that comes before it, up to ${other}, is. Make a new plan.`
        : "can't be applied: what it is said to be the first of is not what stands there. Make a new plan.";
    case 'applied behind':
      return `can't be applied: ${other}, which comes after it, is applied there already. Give it a number above that, or say in its first line that it may come late: -- lockstep: out-of-order`;
    case 'half taken back':
      return `can't be applied: ${other} is taken back half-way there. Take it back to the end first.`;
    case 'half applied':
      return "can't be taken back: it is applied half-way there. Apply it to the end, or settle it with lockstep resolve.";
    case 'applied later':
      return `can't be taken back: ${other} was applied after it and still is. Take that back first.`;
    default:
      return 'stands at another statement there than was expected. Make a new plan.';
  }
};
