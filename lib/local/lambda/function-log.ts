import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Configuration } from './functions.ts';
import type { ErrorDocument } from './protocol.ts';

/** The log file of a function, with START, END and REPORT around each invocation as CloudWatch Logs shows them. */
export const functionLog = (file: string, clock: Clock) => {
  mkdirSync(dirname(file), { recursive: true });
  return {
    invocation(requestId: string, { logFormat, memoryMegabytes }: Configuration) {
      const began = performance.now();
      let tail = '';
      const output = (text: string) => {
        tail = (tail + text).slice(-TAIL_BYTES);
        appendFileSync(file, text);
      };
      const platform = (type: string, record: object, text: string) =>
        output(
          logFormat === 'JSON' ? `${JSON.stringify({ time: clock.now().toISOString(), type, record })}\n` : `${text}\n`,
        );
      platform('platform.start', { requestId, version: '$LATEST' }, `START RequestId: ${requestId} Version: $LATEST`);
      return {
        output,
        /** Only what the process can't log itself any more. */
        failed({ errorType, errorMessage }: ErrorDocument) {
          if (errorType === 'Sandbox.Timedout' || errorType === 'Runtime.ExitError')
            output(`${clock.now().toISOString()} ${errorMessage}\n`);
        },
        /** Closes the invocation; returns the last 4 KB of what it logged. */
        end(initMilliseconds: number | undefined, maxMemoryUsedMB: number) {
          const durationMs = round(performance.now() - began - (initMilliseconds ?? 0));
          const billedDurationMs = Math.ceil(durationMs + (initMilliseconds ?? 0));
          const init = initMilliseconds === undefined ? '' : `\tInit Duration: ${round(initMilliseconds)} ms`;
          const metrics = { durationMs, billedDurationMs, memorySizeMB: memoryMegabytes, maxMemoryUsedMB };
          if (logFormat === 'Text') output(`END RequestId: ${requestId}\n`);
          platform(
            'platform.report',
            { requestId, metrics: { ...metrics, ...(init ? { initDurationMs: round(initMilliseconds!) } : {}) } },
            `REPORT RequestId: ${requestId}\tDuration: ${durationMs} ms\tBilled Duration: ${billedDurationMs} ms\t` +
              `Memory Size: ${memoryMegabytes} MB\tMax Memory Used: ${maxMemoryUsedMB} MB${init}`,
          );
          return tail;
        },
      };
    },
  };
};

const TAIL_BYTES = 4096;

const round = (milliseconds: number) => Math.max(0, Math.round(milliseconds * 100) / 100);
