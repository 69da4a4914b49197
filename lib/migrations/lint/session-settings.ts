import { scan } from '../scan.ts';
import { option, type Tree } from './tree.ts';

/** The settings that a PL/pgSQL body makes for its session, not for its transaction alone. */
export const sessionSettings = (options: Tree[]): string[] => {
  const as = option(options, 'as')?.arg;
  const text: string = as?.String?.sval ?? as?.List?.items[0].String.sval ?? '';
  const bytes = Buffer.from(text);
  const words = (scan(text) ?? [])
    .filter(({ kind }) => kind !== 'comment')
    .map(({ start, end }) => bytes.toString('utf8', start, end));
  const lower = words.map((word) => word.toLowerCase());
  return lower.flatMap((word, at) => {
    if (word === 'set' && OPENERS.has(lower[at - 1] ?? ';')) {
      const name = lower[at + 1] === 'session' ? at + 2 : at + 1;
      return NOT_LASTING.has(lower[name] ?? '') ? [] : [words[name] ?? 'something'];
    }
    // set_config(name, value, false)
    const end = word === 'set_config' ? lower.indexOf(')', at) : -1;
    return end > 0 && lower[end - 1] === 'false' ? [words[at + 2]?.replaceAll("'", '') ?? 'something'] : [];
  });
};

/** What a statement of PL/pgSQL can stand behind: `UPDATE t SET …` has a name before its SET. */
const OPENERS = new Set([';', 'begin', 'then', 'else', 'loop', '>>']);
const NOT_LASTING = new Set(['local', 'transaction', 'constraints', 'characteristics']);
