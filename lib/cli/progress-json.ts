import type { Happening, Progress } from './progress.ts';
import { type Standing, standing } from './standing.ts';

/** A JSON object on a line of its own for everything that happens, and for how a run stands whenever that has changed. */
export const jsonLines = (print: (line: string) => void): Progress => {
  const seen = standing();
  let told = '';
  return (it) => {
    seen.take(it);
    if (it.event !== 'looked') return print(JSON.stringify(shown(it)));
    const { environment, at } = it;
    const { counts, ...now } = progress(seen.now());
    if (JSON.stringify(counts) !== told)
      print(JSON.stringify({ event: 'progress', environment, at: at.toISOString(), ...counts, ...now }));
    told = JSON.stringify(counts);
  };
};

/** Everything as it is, but a plan, which names every database of the fleet. */
const shown = (it: Happening): object => {
  if (it.event === 'phase') {
    const { event, environment, phase } = it;
    return { event, environment, ...phase };
  }
  if (it.event === 'control') {
    const { event, environment, control } = it;
    return { event, environment, ...control };
  }
  if (it.event === 'parked') {
    const { event, environment, parked } = it;
    return { event, environment, ...parked };
  }
  if (it.event === 'restorePoint') {
    const { event, environment, restorePoint } = it;
    return { event, environment, ...restorePoint };
  }
  if (it.event === 'database') {
    const { event, environment, verdict } = it;
    return { event, environment, ...verdict };
  }
  if (it.event === 'ended') {
    const { event, result } = it;
    return { event, ...result };
  }
  if (it.event !== 'planned') return it;
  const { direction, revert, digest, restorePoint, migrations, databases, unfit = [], rollout } = it.plan;
  return {
    ...{ event: it.event, environment: it.environment, digest, direction, revert, restorePoint },
    ...{ migrations, waves: rollout.waves, onHalt: rollout.onHalt },
    databases: databases.length,
    pending: databases.filter(({ pending }) => pending.length > 0).length,
    unfit,
  };
};

/** What changes by itself as time goes by is no news. */
const progress = ({ waves, done, databases, restorePoints, clusters, atWork, perMinute, secondsLeft }: Standing) => ({
  counts: {
    ...{ done, databases, restorePoints, clusters, atWork },
    waves: waves.map(({ wave, name, databases, done, verdicts }) => ({ wave, name, databases, done, verdicts })),
  },
  perMinute: perMinute === null ? null : Number(perMinute.toFixed(1)),
  secondsLeft,
});
