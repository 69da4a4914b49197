import { type Command, Option } from 'commander';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf, painter } from './output.ts';

type Options = { bundle: string; json?: boolean; markdown?: boolean };

export const register = (program: Command): void => {
  program
    .command('plan')
    .description(
      'Tells what a run would do in deployed environments: what is pending where, its SQL, its risk. Changes nothing.',
    )
    .argument('<env...>', 'environments, as they follow one another')
    .option(
      '--bundle <bundle>',
      'folder of migrations, file that `lockstep bundle --output` wrote, or digest of a bundle that is there',
      'migrations',
    )
    .addOption(
      new Option('--json', 'print {digest, environments: [{environment, plan, failure}], migrations}').conflicts(
        'markdown',
      ),
    )
    .option(
      '--markdown',
      'print Markdown, as for a comment at a pull request; its first line is a marker to find it by',
    )
    .addHelpText(
      'after',
      epilogue(
        {
          0: 'planned, whether or not something is pending',
          1: 'there is a problem in the files, which Markdown tells, too, or no plan for an environment',
        },
        'lockstep plan staging production --markdown',
      ),
    )
    .action(async (names: string[], { bundle: said, json, markdown }: Options, command: Command) => {
      const { print, complain, colours, complaintColours } = outputOf(command);
      const [{ whichBundle, contentsOf }, { clients }, { onePipeline }, { patience }, { preview }, views] =
        await Promise.all([
          import('./which-bundle.ts'),
          import('./clients.ts'),
          import('./target.ts'),
          import('./patience.ts'),
          import('./preview.ts'),
          Promise.all([import('./plan-view.ts'), import('./plan-markdown.ts')]),
        ]);
      const [{ planJson, planText }, { planMarkdown, unplannedMarkdown }] = views;
      const { clients: connected } = patience(clients, (line) =>
        complain(painter(complaintColours)('dim', `· ${line}`)),
      );
      const find = () => Promise.all([...new Set(names)].map((name) => onePipeline(connected, name)));
      const given = await whichBundle(said).catch(async (error: Error): Promise<never> => {
        // Whose comment it would be is known to AWS alone; without that there is only the message.
        const found = markdown && !json ? await find().catch(() => null) : null;
        if (found) print(unplannedMarkdown(found, error));
        throw error;
      });
      const pipelines = await find();
      const bundle = await contentsOf(given, connected, pipelines);
      // Whichever of them has it, the others plan the same.
      const known = { digest: given.digest, here: bundle };
      const previews = await Promise.all(pipelines.map((pipeline) => preview(connected, pipeline, known)));
      if (json) print(JSON.stringify(planJson(previews, bundle), null, 2));
      else print(markdown ? planMarkdown(previews, bundle) : planText(previews, bundle, colours));
      if (previews.some(({ plan }) => plan === null)) leave(exits.failed);
    });
};
