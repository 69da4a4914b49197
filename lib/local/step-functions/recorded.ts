import type { Archive } from './archive.ts';
import type { Execution } from './engine.ts';
import type { History, HistoryEvent } from './history.ts';
import { noProgress } from './progress.ts';

/** What there is most of in an execution. */
type Data = Pick<Execution, 'input' | 'inputText' | 'output' | 'history'>;
type Laid = Omit<Data, 'history'> & { events: HistoryEvent[] };

/** One that has succeeded takes no more events. */
const readOnly = (events: HistoryEvent[]): History => ({
  events,
  append: (_, __, previous) => previous,
  close: () => {},
  reopen: () => {},
});

/**
 * An execution whose data can be laid aside. A map has thousands of children that have succeeded and can't change any
 * more: each is a small object then, without closures of its own, and whoever asks still gets all of it.
 */
export class Recorded {
  #data: Data | undefined;
  #read: (() => Laid) | undefined;

  constructor(data: Data) {
    this.#data = data;
  }

  get input(): Data['input'] {
    return (this.#data ?? this.#read!()).input;
  }

  get inputText(): string {
    return (this.#data ?? this.#read!()).inputText;
  }

  get output(): string | undefined {
    return (this.#data ?? this.#read!()).output;
  }

  set output(output: string) {
    this.#data!.output = output;
  }

  get history(): History {
    return this.#data?.history ?? readOnly(this.#read!().events);
  }

  /** Moves its data out of memory. */
  layAside(archive: Archive): void {
    if (!this.#data) return;
    const { history, ...data } = this.#data;
    this.#read = archive.put({ ...data, events: history.events });
    this.#data = undefined;
    Object.assign(this, DONE);
  }
}

const DONE = { stop: () => {}, progress: Object.freeze(noProgress()) };
