import type { Duration } from 'aws-cdk-lib';
import type { FailureBudget, WaveDeclaration } from '../fleet/waves.ts';

/** What may be said of a wave besides which clusters it takes; what is not said is the pipeline's. */
export type WaveOptions = {
  /** Clusters worked on at once. */
  concurrency?: number;
  /** Databases of the wave that may fail before no other is started: a number, or a share as `'5%'` or `'0.5%'`, rounded down. */
  failureBudget?: FailureBudget;
  /** How long alarms are watched after the wave, before the next one. */
  bake?: Duration;
};

type Taking = WaveDeclaration extends infer One
  ? One extends WaveDeclaration
    ? Omit<One, 'concurrency' | 'failureBudget' | 'bake'>
    : never
  : never;

/** A part of the fleet that is rolled out together, out of what earlier waves have left. */
export class Wave {
  readonly taking: Taking;
  readonly options: WaveOptions;

  private constructor(taking: Taking, options: WaveOptions) {
    this.taking = taking;
    this.options = options;
  }

  /** So many clusters, never the biggest; or just those that are named. */
  static canary(clusters: number | string[], options: WaveOptions = {}): Wave {
    return new Wave({ take: 'canary', clusters }, options);
  }

  /** As many clusters as it takes until so many percent of all have had their turn. */
  static percent(percent: number, options: WaveOptions = {}): Wave {
    return new Wave({ take: 'percent', percent }, options);
  }

  /** The clusters with these labels; a cluster goes with a label if it has it or each of its databases does. */
  static where(labels: Record<string, string>, options: WaveOptions = {}): Wave {
    return new Wave({ take: 'where', labels }, options);
  }

  /** All that are left. */
  static rest(options: WaveOptions = {}): Wave {
    return new Wave({ take: 'rest' }, options);
  }
}
