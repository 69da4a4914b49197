import { type Measured, metricLines } from '../lib/ledger/metrics.ts';

/** Has CloudWatch count something: on lines of their own, since Lambda's console would wrap them into JSON in which CloudWatch finds no metric. */
export const count = (
  where: { service: string; environment: string },
  at: Date,
  measured: Measured,
  told: Record<string, string> = {},
): void => {
  for (const line of metricLines(where, at, measured, told)) writeLine(line);
};

export const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);
