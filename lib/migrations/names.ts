/** How the files of a folder are numbered. */
export type Scheme = 'sequential' | 'timestamp' | 'hybrid' | 'flyway';

/** What a file's name says. */
export type FileName = {
  file: string;
  scheme: Scheme;
  /** The number as text, exactly as the file writes it. */
  id: string;
  /** The number's components, for comparing: `1.2` and `1_2` are [1, 2], `2026_01_15_001` is [2026, 1, 15, 1]. */
  number: bigint[];
  name: string;
  direction: 'up' | 'down';
};

/** Reads `001_x.sql`, `20260115120000_x.up.sql`, `2026_01_15_001_x.down.sql`, `V1.2__x.sql`, `U1.2__x.sql`; null for any other. */
export const readName = (file: string): FileName | null => {
  for (const [scheme, pattern] of PATTERNS) {
    const { id, name, prefix, suffix } = pattern.exec(file)?.groups ?? {};
    if (!id || !name) continue;
    const direction = prefix === 'U' || suffix === 'down' ? 'down' : 'up';
    return { file, scheme, id, number: components(id), name, direction };
  }
  return null;
};

/** By number, component by component; never by text or locale, so `2` comes before `10` on every machine. */
export const byNumber = (a: { number: bigint[] }, b: { number: bigint[] }): number => {
  for (let at = 0; at < Math.max(a.number.length, b.number.length); at += 1) {
    const [left, right] = [a.number[at] ?? 0n, b.number[at] ?? 0n];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
};

/** One text per number: the same for `1`, `001` and `1.0`. */
export const numberKey = ({ number }: { number: bigint[] }): string => number.join('.').replace(/(?:\.0)+$/, '');

/**
 * What is wrong with the date in a number that is one by its form: it would sort where nobody expects it. The digits
 * after it only order within the day, where people count on as they like.
 */
export const dateProblem = ({ scheme, id }: FileName): string | null => {
  if (scheme !== 'timestamp' && scheme !== 'hybrid') return null;
  const [, year, month, day] = /^(\d{4})_?(\d{2})_?(\d{2})/.exec(id)!.map(Number) as [number, number, number, number];
  if (month < 1 || month > 12) return `there is no month ${id.replaceAll('_', '').slice(4, 6)}`;
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return day >= 1 && day <= days
    ? null
    : `${MONTHS[month - 1]} ${year} has no day ${id.replaceAll('_', '').slice(6, 8)}`;
};

/** What would make an unreadable name readable. */
export const nameRemedy = (file: string): string => {
  if (/^R__/.test(file)) return "Flyway's repeatable migrations are not supported: number it, like V2__views.sql";
  if (/\.sql$/i.test(file) && !file.endsWith('.sql')) return 'end it in .sql, in small letters';
  if (/^[vu]\d/i.test(file)) return 'write V or U, the number, two underscores and a name, like V1.2__add_email.sql';
  return 'name it like 001_add_email.sql, 20260115120000_add_email.up.sql, 2026_01_15_001_add_email.down.sql or V1.2__add_email.sql';
};

// A dot in a name only before a digit (release_1.3), so that a mistyped `.dwn.sql` is not taken for part of a name.
const NAME = String.raw`(?<name>(?:[^.\p{C}]|\.(?=\d))+)`;
const SUFFIX = String.raw`(?:\.(?<suffix>up|down))?\.sql`;

const PATTERNS: [Scheme, RegExp][] = [
  ['hybrid', new RegExp(String.raw`^(?<id>\d{4}_\d{2}_\d{2}_\d+)_${NAME}${SUFFIX}$`, 'u')],
  // A number of 14 digits that begins with no year is a number.
  ['timestamp', new RegExp(String.raw`^(?<id>(?:19|2\d)\d{12})_${NAME}${SUFFIX}$`, 'u')],
  ['sequential', new RegExp(String.raw`^(?<id>\d+)_${NAME}${SUFFIX}$`, 'u')],
  ['flyway', new RegExp(String.raw`^(?<prefix>[VU])(?<id>\d+(?:[._]\d+)*)__${NAME}\.sql$`, 'u')],
];

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

const components = (id: string): bigint[] => id.split(/[._]/).map(BigInt);
