import type { Migration } from '../../migrations/bundle.ts';
import { numberKey, readName } from '../../migrations/names.ts';
import type { Listed } from './tool.ts';

/** Our migration that a tool's entry means, by its file or its number, or why there is none. */
export const lookFor = ({ file, number, name }: Listed, migrations: Migration[]): Migration | string => {
  const same = migrations.find((it) => it.file === file);
  if (same) return same;
  const wanted = number === undefined ? null : numberOf(number);
  if (wanted === null) return file ? `and there is no file ${file}` : 'which no file can be told by';
  const found = migrations.find(
    (it) => numberKey({ number: numberOf(it.file) ?? [] }) === numberKey({ number: wanted }),
  );
  if (!found) return `and no file has the number ${number}`;
  if (name === undefined || plain(name) === plain(found.name)) return found;
  return `and the file with its number has another name, ${found.file}`;
};

/** The components of a number, by itself or at the head of a file's name. */
export const numberOf = (text: string): bigint[] | null => {
  if (/^\d+(?:[._]\d+)*$/.test(text)) return text.split(/[._]/).map(BigInt);
  return readName(text)?.number ?? null;
};

/** Tools write the same name with blanks, hyphens or underscores. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '_');
