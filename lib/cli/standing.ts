import type { Plan } from '../fleet/plan.ts';
import type { PlannedWave } from '../fleet/rollout.ts';
import type { Control } from '../ledger/control.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { AtWork } from './execution.ts';
import { pace, secondsLeft } from './pace.ts';
import type { Happening } from './progress.ts';
import type { Phase } from './run-phase.ts';

export type WaveStanding = PlannedWave & {
  /** How many of its databases came out how, so far. */
  verdicts: Partial<Record<Verdict['verdict'], number>>;
  /** Those that are concluded, and clusters that have something to go back to. */
  done: number;
  restorePoints: number;
};

/** How a run stands, as far as one has been told. */
export type Standing = {
  phase: Phase;
  /** What somebody has said to it, if that keeps it from going on. */
  stopped: Control | null;
  waves: WaveStanding[];
  done: number;
  databases: number;
  restorePoints: number;
  clusters: number;
  /** What is at work longer than a call lasts. */
  running: Verdict[];
  atWork: AtWork | null;
  perMinute: number | null;
  secondsLeft: number | null;
};

/** Adds up what is told of a run. */
export const standing = () => {
  const waves = new Map<number, WaveStanding>();
  const waveOf = new Map<string, number>();
  const clusterWave = new Map<string, number>();
  const said = new Map<string, Verdict>();
  const running = new Map<string, Verdict>();
  const points = new Set<string>();
  const rate = pace();
  const now: Omit<Standing, 'waves' | 'done' | 'databases' | 'restorePoints' | 'clusters' | 'running'> = {
    ...{ phase: { phase: 'planning' }, stopped: null, atWork: null, perMinute: null, secondsLeft: null },
  };
  const sum = (of: (wave: WaveStanding) => number) => [...waves.values()].reduce((all, wave) => all + of(wave), 0);

  const planned = ({ rollout, databases }: Plan): void => {
    waves.clear();
    for (const it of rollout.waves) waves.set(it.wave, { ...it, verdicts: {}, done: 0, restorePoints: 0 });
    for (const { cluster, database, wave } of databases) {
      if (wave === null) continue;
      waveOf.set(nameOf({ cluster, database }), wave);
      clusterWave.set(cluster, wave);
    }
    const before = [...said.values()];
    said.clear();
    for (const verdict of before) count(verdict);
  };

  const count = (verdict: Verdict): void => {
    const name = nameOf(verdict);
    const wave = waves.get(waveOf.get(name) ?? 0);
    const before = said.get(name);
    said.set(name, verdict);
    if (verdict.verdict === 'running') running.set(name, verdict);
    else running.delete(name);
    if (!wave) return;
    if (before) add(wave, before, -1);
    add(wave, verdict, 1);
  };

  const enter = (phase: Phase): void => {
    const before = now.phase;
    now.phase = phase;
    const isAnother = before.phase !== 'wave' || phase.phase !== 'wave' || before.since !== phase.since;
    if (phase.phase !== 'wave' || !isAnother) return;
    const done = waves.get(phase.wave ?? 0)?.done ?? 0;
    // Whoever comes to a wave that is carried out again can't tell what was concluded the first time.
    if (phase.again) rate.begin(new Date(), done);
    else rate.begin(new Date(phase.since), 0);
  };

  const look = (at: Date, atWork: AtWork | null): void => {
    now.atWork = atWork;
    const { phase } = now;
    const wave = phase.phase === 'wave' ? waves.get(phase.wave ?? 0) : undefined;
    if (wave) now.perMinute = rate.note(at, wave.done);
    now.secondsLeft = secondsLeft([...waves.values()], { phase, perMinute: now.perMinute, atWork, now: at });
  };

  return {
    waveOf: (it: { cluster: string; database: string }): number | null => waveOf.get(nameOf(it)) ?? null,
    take(it: Happening): void {
      if (it.event === 'planned') planned(it.plan);
      else if (it.event === 'phase') enter(it.phase);
      else if (it.event === 'control') now.stopped = it.control.state === 'going' ? null : it.control;
      else if (it.event === 'database') count(it.verdict);
      else if (it.event === 'looked') look(it.at, it.atWork);
      else if (it.event === 'restorePoint') {
        const wave = waves.get(clusterWave.get(it.restorePoint.cluster) ?? 0);
        if (wave && !points.has(it.restorePoint.cluster)) wave.restorePoints += 1;
        points.add(it.restorePoint.cluster);
      }
    },
    now: (): Standing => ({
      ...now,
      waves: [...waves.values()],
      done: sum(({ done }) => done),
      databases: sum(({ databases }) => databases),
      restorePoints: sum(({ restorePoints }) => restorePoints),
      clusters: sum(({ clusters }) => clusters),
      running: [...running.values()],
    }),
  };
};

const add = (wave: WaveStanding, { verdict }: Verdict, by: 1 | -1): void => {
  wave.verdicts[verdict] = (wave.verdicts[verdict] ?? 0) + by;
  if (verdict !== 'running') wave.done += by;
};

const nameOf = ({ cluster, database }: { cluster: string; database: string }): string => `${cluster}/${database}`;
