import type { Progress } from './progress.ts';

/** How a command tells what goes on: a picture on a terminal, lines everywhere else. */
export const showProgress = async (
  told: { print: (line: string) => void; colours: boolean },
  { json }: { json?: boolean | undefined },
): Promise<{ progress: Progress; close: () => void }> => {
  if (!json && process.stdout.isTTY && process.env.CI === undefined) {
    const { liveProgress } = await import('./live.ts');
    return liveProgress(process.stdout);
  }
  const { linesOf } = await import('./progress.ts');
  return { progress: linesOf(told.print, told.colours), close: () => {} };
};
