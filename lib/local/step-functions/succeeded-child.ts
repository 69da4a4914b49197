import type { Archive } from './archive.ts';
import type { ExecutionType, Json } from './asl.ts';
import type { MapRun } from './distributed-map/map-run.ts';
import type { Execution } from './engine.ts';
import type { History, HistoryEvent } from './history.ts';
import { noProgress } from './progress.ts';

type Texts = { inputText: string; output: string | undefined };

/**
 * What stays in memory of a map's child that has succeeded. There are thousands of these, and none can change any more:
 * what it was given, has answered and done is read again for whoever asks.
 */
class SucceededChild implements Execution {
  readonly arn: string;
  readonly mapRun: MapRun;
  readonly machine: Execution['machine'];
  readonly mapRuns: MapRun[];
  readonly steps: number;
  readonly redriveCount: number;
  readonly #started: number;
  readonly #stopped: number;
  readonly #redriven: number | undefined;
  readonly #archive: Archive;
  /** What a map's result is written from, apart from the far bigger history, which hardly anybody asks for. */
  readonly #texts: number;
  readonly #events: number;

  constructor(archive: Archive, child: Execution, mapRun: MapRun) {
    const { inputText, output } = child;
    this.arn = child.arn;
    this.mapRun = mapRun;
    this.machine = child.machine;
    this.mapRuns = child.mapRuns.length > 0 ? child.mapRuns : NONE;
    this.steps = child.steps;
    this.redriveCount = child.redriveCount;
    this.#started = child.startDate.getTime();
    this.#stopped = child.stopDate!.getTime();
    this.#redriven = child.redriveDate?.getTime();
    this.#archive = archive;
    this.#texts = archive.put({ inputText, output } satisfies Texts);
    this.#events = archive.put(child.history.events);
  }

  get status() {
    return 'SUCCEEDED' as const;
  }

  get name(): string {
    return this.arn.split(':')[7]!;
  }

  get type(): ExecutionType {
    return this.arn.split(':')[5] === 'express' ? 'EXPRESS' : 'STANDARD';
  }

  get stateMachine() {
    return this.mapRun.parent.stateMachine;
  }

  get startDate() {
    return new Date(this.#started);
  }

  get stopDate() {
    return new Date(this.#stopped);
  }

  get redriveDate() {
    return this.#redriven === undefined ? undefined : new Date(this.#redriven);
  }

  get input(): Json {
    return JSON.parse(this.inputText);
  }

  get inputText() {
    return this.#archive.get<Texts>(this.#texts).inputText;
  }

  get output() {
    return this.#archive.get<Texts>(this.#texts).output;
  }

  get history(): History {
    const events = this.#archive.get<HistoryEvent[]>(this.#events);
    return { events, append: (_, __, previous) => previous, close: () => {}, reopen: () => {} };
  }

  get progress() {
    return noProgress();
  }

  get ended() {
    return Promise.resolve();
  }

  stop() {}
}

const NONE: MapRun[] = [];

/** Puts down what a succeeded child of a map was given, has answered and done, and gives what stands for it from then on. */
export const succeededChild = (archive: Archive, child: Execution, mapRun: MapRun): Execution =>
  new SucceededChild(archive, child, mapRun);
