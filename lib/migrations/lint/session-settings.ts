import { beginsStatement, wordsOf } from './body.ts';
import type { Tree } from './tree.ts';

/** The settings that a PL/pgSQL body makes for its session, not for its transaction alone. */
export const sessionSettings = (options: Tree[]): string[] => {
  const words = wordsOf(options);
  const lower = words.map((word) => word.toLowerCase());
  return lower.flatMap((word, at) => {
    if (word === 'set' && beginsStatement(lower, at)) {
      const name = lower[at + 1] === 'session' ? at + 2 : at + 1;
      return NOT_LASTING.has(lower[name] ?? '') ? [] : [words[name] ?? 'something'];
    }
    // set_config(name, value, false)
    const end = word === 'set_config' ? lower.indexOf(')', at) : -1;
    return end > 0 && lower[end - 1] === 'false' ? [words[at + 2]?.replaceAll("'", '') ?? 'something'] : [];
  });
};

const NOT_LASTING = new Set(['local', 'transaction', 'constraints', 'characteristics']);
