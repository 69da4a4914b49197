import type { ExitCode } from './exit.ts';

/** What a command's `--help` ends with. */
export const epilogue = (meanings: Partial<Record<ExitCode, string>>, example: string): string => {
  const told = { ...meanings, 2: meanings[2] ?? 'wrong usage' };
  const codes = Object.entries(told).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return ['', 'Exit codes:', ...codes, '', 'Example:', `  $ ${example}`].join('\n');
};
