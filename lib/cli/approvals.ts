import type { Command } from 'commander';
import type { ParkedRun, RequestView } from './approvals-view.ts';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';

export const register = (program: Command): void => {
  program
    .command('approvals')
    .description(
      'Lists what waits for approval, for what its path asks for, is held or parked in a deployed environment, and what was decided last.',
    )
    .argument('<env>', 'environment')
    .argument('[run]', 'name of a run: tells of that one alone, with every statement of its plan')
    .option('--json', 'print {environment, requests, arriving, parked}, or of one run {environment, request}')
    .addHelpText('after', epilogue({ 0: 'done', 1: 'could not be asked' }, 'lockstep approvals production'))
    .action(async (name: string, run: string | undefined, { json = false }: { json?: boolean }, command: Command) => {
      const [{ arrivingRuns, arrivingView }, { clients }, { onePipeline }, { askEndpoint }, views] = await Promise.all([
        import('./arriving-runs.ts'),
        import('./clients.ts'),
        import('./target.ts'),
        import('./endpoint.ts'),
        import('./approvals-view.ts'),
      ]);
      const { approvalsView, parkedView, statementsView } = views;
      const connected = clients();
      const pipeline = await onePipeline(connected, name);
      const { print, colours } = outputOf(command);
      const { environment } = pipeline;
      const ask = (path: string) => askEndpoint(connected, pipeline, { method: 'GET', path });
      if (run === undefined) {
        const { requests, parked } = (await ask('/requests')) as { requests: RequestView[]; parked: ParkedRun | null };
        const arriving = await arrivingRuns(connected, pipeline);
        if (json) return print(JSON.stringify({ environment, requests, arriving, parked }, null, 2));
        if (arriving?.length) print(`${arrivingView(arriving, environment, colours)}\n`);
        if (parked) print(`${parkedView(parked, environment, colours)}\n`);
        print(approvalsView(requests, environment, colours, new Date()));
        const open = requests.find(({ state }) => state === 'waiting');
        if (open) print(`\nRead it: lockstep approvals ${environment} ${open.run}`);
        return;
      }
      const request = (await ask(`/runs/${encodeURIComponent(run)}/approval`)) as unknown as RequestView;
      if (json) return print(JSON.stringify({ environment, request }, null, 2));
      if (request.parked) print(`${parkedView(request.parked, environment, colours)}\n`);
      print(approvalsView([request], environment, colours, new Date()));
      print(request.plan ? `\n${statementsView(request.plan, request.digest, colours)}` : `\n${GONE}`);
    });
};

const GONE = 'The plan that was asked about is not there any more.';
