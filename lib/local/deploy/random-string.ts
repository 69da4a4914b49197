import { randomInt } from 'node:crypto';

export type RandomString = {
  PasswordLength?: number;
  ExcludeCharacters?: string;
  ExcludeLowercase?: boolean;
  ExcludeUppercase?: boolean;
  ExcludeNumbers?: boolean;
  ExcludePunctuation?: boolean;
  IncludeSpace?: boolean;
  RequireEachIncludedType?: boolean;
};

/** A random password under the rules of Secrets Manager's GetRandomPassword, whose defaults these are. */
export const randomString = (it: RandomString = {}): string => {
  const { PasswordLength: length = 32, ExcludeCharacters = '', RequireEachIncludedType = true } = it;
  const kinds = [
    it.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    it.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    it.ExcludeNumbers ? '' : '0123456789',
    it.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    it.IncludeSpace ? ' ' : '',
  ]
    .map((letters) => [...letters].filter((letter) => !ExcludeCharacters.includes(letter)))
    .filter((letters) => letters.length > 0);
  const one = (letters: string[]) => letters[randomInt(letters.length)]!;
  const required = RequireEachIncludedType ? kinds.map(one) : [];
  const letters = [...required, ...Array.from({ length: length - required.length }, () => one(kinds.flat()))];
  for (let last = letters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [letters[last], letters[other]] = [letters[other]!, letters[last]!];
  }
  return letters.join('');
};
