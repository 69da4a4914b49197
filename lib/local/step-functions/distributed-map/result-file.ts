import type { Json } from '../asl.ts';

/** How much has been taken out of a file's pieces so far. */
export type Written = { entries: number; bytes: number };

/** The entries of many executions, each made when it is asked for: all at once are more than memory should hold. */
export const entriesOf = <It>(all: readonly It[], entries: (it: It) => Json[]): Iterable<Json> => ({
  *[Symbol.iterator]() {
    for (const it of all) yield* entries(it);
  },
});

export const isEmpty = (entries: Iterable<Json>): boolean => {
  for (const _ of entries) return false;
  return true;
};

/** The bytes of a file of results, piece by piece: a JSON array, or a line for each. */
export function* resultFile(entries: Iterable<Json>, type: 'JSON' | 'JSONL', written: Written): Generator<Buffer> {
  const [before, between, after] = type === 'JSON' ? ['[', ',', ']'] : ['', '\n', '\n'];
  let text = before;
  const piece = () => {
    const bytes = Buffer.from(text);
    text = '';
    written.bytes += bytes.length;
    return bytes;
  };
  for (const entry of entries) {
    text += `${written.entries === 0 ? '' : between}${JSON.stringify(entry)}`;
    written.entries += 1;
    if (text.length >= PIECE) yield piece();
  }
  text += after;
  yield piece();
}

/** Characters. */
const PIECE = 65_536;
