import type { Command } from 'commander';
import type { Evidence } from '../policy/promotion/statements.ts';
import { epilogue } from './help.ts';
import { outputOf, painter } from './output.ts';
import { told } from './told.ts';

type Options = { digest: string; environment: string; url?: string; file?: string; failed?: boolean; json?: boolean };

/** `lockstep attest`: says of a bundle that a check has passed, as whoever these AWS credentials are. */
export const register = (program: Command): void => {
  program
    .command('attest')
    .description('Says of a bundle that a check has passed, or failed: who says so, IAM proves.')
    .argument('<name>', 'of the check, as the path asks for it: e2e, performance, uat, change-ticket')
    .requiredOption('--digest <digest>', 'the bundle, or twelve digits of it where the environment knows it')
    .requiredOption('--environment <env>', 'where it was checked, or where it is to go')
    .option('--url <url>', 'where more is said of it, or the number of a ticket')
    .option('--file <file>', 'a report that is kept with it, of 2 MB at most')
    .option('--failed', 'it has not passed; what was said before does not hold any more')
    .option('--json', 'print {evidence}, or {error, message}')
    .addHelpText(
      'after',
      epilogue(
        { 0: 'signed and kept', 1: 'refused, or it could not be said' },
        'lockstep attest e2e --digest 8a9b7243196f… --environment staging --url https://ci.example.com/runs/7',
      ),
    )
    .action(
      async (name: string, { digest, environment, url, file, failed = false, json = false }: Options, command) => {
        const [{ clients }, { onePipeline }, { askEndpoint }, { fullDigest }, { attachment }] = await Promise.all([
          import('./clients.ts'),
          import('./target.ts'),
          import('./endpoint.ts'),
          import('./full-digest.ts'),
          import('./attachment.ts'),
        ]);
        const attached = file === undefined ? null : await attachment(file);
        const connected = clients();
        const pipeline = await onePipeline(connected, environment);
        const bundle = await fullDigest(connected, pipeline, digest);
        const path = `/bundles/${bundle}/evidence/${encodeURIComponent(name)}`;
        const body = { result: failed ? 'failed' : 'passed', url: url ?? null, file: attached };
        const answer = await askEndpoint(connected, pipeline, { method: 'POST', path, body });
        const { print, colours } = outputOf(command);
        if (json) return print(JSON.stringify(answer, null, 2));
        const { by, result } = answer.evidence as Evidence;
        const sentence = told(
          `${name} of bundle ${bundle.slice(0, 12)} has ${result} in ${pipeline.environment}, says ${by}.`,
        );
        print(painter(colours)(failed ? 'red' : 'green', sentence));
      },
    );
};
