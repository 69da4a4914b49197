import type { Command } from 'commander';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';

export const register = (program: Command): void => {
  program
    .command('approvals')
    .description('Lists what waits for approval or is held in a deployed environment, and what was decided last.')
    .argument('<env>', 'environment')
    .option('--json', 'print {environment, requests}')
    .addHelpText('after', epilogue({ 0: 'done', 1: 'could not be asked' }, 'lockstep approvals production'))
    .action(async (name: string, { json = false }: { json?: boolean }, command: Command) => {
      const [{ clients }, { onePipeline }, { askEndpoint }, { approvalsView }] = await Promise.all([
        import('./clients.ts'),
        import('./target.ts'),
        import('./endpoint.ts'),
        import('./approvals-view.ts'),
      ]);
      const connected = clients();
      const pipeline = await onePipeline(connected, name);
      const { requests } = await askEndpoint(connected, pipeline, { method: 'GET', path: '/requests' });
      const { print, colours } = outputOf(command);
      const { environment } = pipeline;
      print(
        json
          ? JSON.stringify({ environment, requests }, null, 2)
          : approvalsView(requests as never, environment, colours),
      );
    });
};
