import { format } from 'node:util';
import { errorDocument } from './protocol.ts';

/** Makes `console` write lines as Lambda's runtime does: tab-separated text, or JSON if the function's log format says so. */
export const patchConsole = (requestId: () => string | undefined) => {
  const json = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
  const line = (level: string, parts: unknown[]) => {
    const timestamp = new Date().toISOString();
    const message = format(...parts);
    if (json) return JSON.stringify({ timestamp, level, requestId: requestId(), message });
    return [timestamp, requestId(), level, message].join('\t').replaceAll('\n', '\r');
  };
  const write =
    (level: string) =>
    (...parts: unknown[]) =>
      void process.stdout.write(`${line(level, parts)}\n`);
  console.log = write('INFO');
  console.info = write('INFO');
  console.debug = write('DEBUG');
  console.warn = write('WARN');
  console.error = write('ERROR');
  console.trace = write('TRACE');
};

/** An error that ended an invocation, or the process, as the runtime logs it. */
export const logInvokeError = (what: string, error: unknown) =>
  console.error(`${what} \t${JSON.stringify(errorDocument(error))}`);
