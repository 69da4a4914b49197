/** Looks for what is not known in a value; `at` is where that stands, as `promotion.0`. */
export type Look = (value: unknown, at: string) => string[];

/** Every key that an object, whichever of a union it is, may have. */
type KeyOf<T> = T extends unknown ? keyof T : never;

/**
 * Objects with these keys and no others: a gate that is spelt wrongly would not be there. The type has all of them named;
 * what looks at the value of a key looks into it, `true` leaves that to others.
 */
export const keys =
  <T extends object>(known: Record<KeyOf<T>, Look | true>): Look =>
  (value, at) => {
    if (typeof value !== 'object' || value === null) return [];
    const looks = new Map<string, Look | true>(Object.entries(known));
    return Object.entries(value).flatMap(([key, inner]) => {
      const look = looks.get(key);
      const path = at === '' ? key : `${at}.${key}`;
      if (look === undefined)
        return [`${path}: there is no such prop; did you mean ${nearest(key, [...looks.keys()])}?`];
      return look === true ? [] : look(inner, path);
    });
  };

/** Each of a list, whatever keys that has. */
export const each =
  (look: Look): Look =>
  (value, at) =>
    Array.isArray(value) ? value.flatMap((one, index) => look(one, `${at}.${index}`)) : [];

/** The one that takes the fewest strokes to come from there. */
const nearest = (word: string, known: string[]): string =>
  known.toSorted((a, b) => edits(word, a) - edits(word, b))[0]!;

/** How many letters have to be put in, taken out or replaced to make one word of another; capitals are none. */
const edits = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...from.toLowerCase()].entries()) {
    const next = [at + 1];
    for (const [other, its] of [...to.toLowerCase()].entries()) {
      next.push(Math.min(row[other]! + (letter === its ? 0 : 1), row[other + 1]! + 1, next[other]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
};
