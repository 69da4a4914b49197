import type { Bundle } from '../migrations/bundle.ts';
import type { Clients } from './clients.ts';
import { exits, leave } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { type Output, painter } from './output.ts';
import type { Pipeline } from './pipelines.ts';
import type { Started } from './start-run.ts';

export type Following = {
  /** The result as JSON, or JSON lines of all that happens, the result being the last. */
  json: boolean | 'lines';
  /** The result as Markdown, where it is not JSON. */
  markdown?: boolean;
  bundle: Bundle;
  /** How to come back to it. */
  later: string;
  /** It was begun before, maybe by somebody else. */
  joined?: boolean;
  /** Whether to wait with the run while it waits for people. @default where somebody sits at a terminal */
  wait?: boolean;
};

/**
 * Follows a run to its end and tells how it went, in exit codes too. Where nobody sits at a terminal, a run that waits
 * for people is left to itself; at Ctrl-C any is.
 */
export const follow = async (
  connected: Clients,
  pipeline: Pipeline,
  started: Started,
  { json, markdown = false, bundle, later, joined = false, wait = false }: Following,
  output: Output,
): Promise<void> => {
  const { seeThrough } = await import('./run-environment.ts');
  const { print, complain, colours } = output;
  const { environment } = pipeline;
  const { progress, close } = await progressOf(json, markdown, output);
  const interrupted = onInterrupt(
    async () => {
      close();
      complain(`\n${started.run} goes on in ${environment}. ${later}`);
    },
    { code: exits.waiting },
  );
  const leaveWaiting = !wait && (json !== false || markdown || !process.stdout.isTTY);
  const seen = seeThrough(connected, pipeline, started, progress, { interval: 1_000, leaveWaiting, joined });
  const result = await seen.finally(() => {
    close();
    interrupted.forget();
  });
  if ('for' in result) {
    const next =
      result.for === 'window'
        ? `It goes on by itself then. To end it: lockstep abandon ${environment} ${started.run}`
        : later;
    const left = { environment, status: 'RUNNING', ...started, waiting: result };
    if (json === true) print(JSON.stringify(left, null, 2));
    else if (markdown) print((await import('./run-markdown.ts')).waitingMarkdown(left, next));
    else if (json === false) print(painter(colours)('yellow', `${WAITS[result.for]}${next}`));
    return leave(exits.waiting);
  }
  if (json === true) print(JSON.stringify(result, null, 2));
  else if (markdown) print((await import('./run-markdown.ts')).runMarkdown(result, bundle));
  else if (json === false) print((await import('./result-view.ts')).resultView(result, bundle, colours));
  if (result.status !== 'SUCCEEDED') leave(exits.failed);
};

const WAITS = {
  approval: 'It waits for people to decide. ',
  hold: 'It waits for people to decide. ',
  promotion: 'It goes on by itself once that is there. ',
  window: '',
} as const;

/** How to come back to a run that waits for people. */
export const followLater = ({ environment }: Pipeline, run: string): string =>
  `lockstep approvals ${environment} ${run} shows what it is about, lockstep watch ${environment} ${run} follows it again.`;

/** What goes on is told on stdout, or on stderr where the result alone belongs there. */
const progressOf = async (
  json: Following['json'],
  markdown: boolean,
  { print, complain, colours, complaintColours }: Output,
) => {
  if (json === 'lines') {
    const { jsonLines } = await import('./progress-json.ts');
    return { progress: jsonLines(print), close: () => {} };
  }
  const { showProgress } = await import('./show-progress.ts');
  const aside = json || markdown;
  return showProgress(aside ? { print: complain, colours: complaintColours } : { print, colours }, { json: aside });
};
