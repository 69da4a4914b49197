import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { previewWorkflow } from '../../lib/pipeline/preview-workflow.ts';
import { rolloutOf } from '../../lib/pipeline/rollout-props.ts';
import { workflow } from '../../lib/pipeline/workflow.ts';
import { allStates, onCycle } from './paths.ts';
import { only, pipelineTemplate } from './template.ts';

const common = { functionArn: (task: string) => `<${task}.Arn>`, bucket: '<Bundles>', rollout: rolloutOf({}) };
const preview = JSON.parse(JSON.stringify(previewWorkflow(common)));
const run = workflow({ ...common, approval: null, databasesAtOnce: 1, healthCheck: null });

test('a preview is sound in the eyes of asl-validator, and goes one way', () => {
  const validate = createRequire(import.meta.url)('asl-validator');
  expect(validate(structuredClone(preview)).errors).toEqual([]);
  expect(onCycle(preview)).toEqual([]);
});

test('a preview looks at the fleet just as a run does, and calls nothing that changes anything', () => {
  const { Catch: _, Next: __, ...inspection } = run.States.InspectFleet as never as Record<string, unknown>;
  expect(preview.States.InspectFleet).toEqual({ ...JSON.parse(JSON.stringify(inspection)), Next: 'Measure' });
  const called = allStates(preview).flatMap(([, state]) =>
    state.Type === 'Task' ? [(state.Arguments as { FunctionName: string }).FunctionName] : [],
  );
  expect(called).toEqual([
    '<AdmitPreview.Arn>',
    '<Lint.Arn>',
    '<Discover.Arn>',
    '<InspectCluster.Arn>',
    '<Measure.Arn>',
    '<PlanPreview.Arn>',
  ]);
});

test('a preview plans by the same rules as a run', async () => {
  const template = await pipelineTemplate({ concurrency: 3, unfit: 'skip', drift: { policy: 'block' } });
  const variables = (id: string) =>
    (only(template, 'AWS::Lambda::Function', id).Environment as { Variables: Record<string, string> }).Variables;
  for (const name of ['RULES', 'UNFIT', 'RESTORE_POINT', 'VERSION', 'FLEET_KEY', 'DRIFT'])
    expect([name, variables('PlanPreview')[name]]).toEqual([name, variables('Plan')[name]]);
  expect(variables('PlanPreview').DRIFT).toBe('block');
  const rolloutIn = (machine: string, state: string) =>
    JSON.parse(only(template, 'AWS::StepFunctions::StateMachine', machine).DefinitionString as string).States[state]
      .Arguments.Payload.rollout;
  expect(rolloutIn('PreviewMachine', 'PlanPreview')).toEqual(rolloutIn('StateMachine', 'Plan'));
});
