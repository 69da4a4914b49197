import type { FileName } from './names.ts';

/** How the next file of a folder is called, as the last one there is; `names` in the order of their numbers. */
export const nextName = (names: FileName[], name: string, now: Date): string => {
  const last = names.at(-1);
  const suffix = names.some(({ file }) => file.endsWith('.up.sql')) ? '.up.sql' : '.sql';
  const day = now.toISOString().slice(0, 10).replaceAll('-', '_');
  switch (last?.scheme) {
    case 'timestamp': {
      const time = now.toISOString().replace(/\D/g, '').slice(0, 14);
      // Somebody's clock was ahead.
      const id = time > last.id ? time : String(BigInt(last.id) + 1n);
      return `${id}_${name}${suffix}`;
    }
    case 'hybrid': {
      const [, date = '', count = ''] = /^(.*)_(\d+)$/.exec(last.id) ?? [];
      const id = day > date ? `${day}_${'1'.padStart(count.length, '0')}` : `${date}_${following(count)}`;
      return `${id}_${name}${suffix}`;
    }
    case 'flyway':
      return `V${last.number[0]! + 1n}__${name}.sql`;
    default:
      return `${following(last?.id ?? '000')}_${name}${suffix}`;
  }
};

const following = (digits: string): string => String(BigInt(digits) + 1n).padStart(digits.length, '0');
