import { width } from '../migrations/problem.ts';
import { told } from './told.ts';

/** `1 problem`, `2 problems`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `812 B`, `1.4 kB`, `2.0 MB`: decimal units, as disks and AWS count. */
export const size = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`;
  // 999,950 bytes would round to 1000.0 kB.
  return bytes < 999_950 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
};

/**
 * Columns two blanks apart; `right` names the ones aligned to the right. No blanks at the ends of lines. What stands in
 * a cell may come from elsewhere.
 */
export const table = (all: string[][], right: number[] = []): string[] => {
  const rows = all.map((row) => row.map(told));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? '')))) ?? [];
  const cell = (text: string, column: number): string => {
    const blanks = ' '.repeat(widths[column]! - width(text));
    return right.includes(column) ? blanks + text : text + blanks;
  };
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
};
