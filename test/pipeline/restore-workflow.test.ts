import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { Approval } from '../../lib/pipeline/approval-props.ts';
import type { State, StateMachine } from '../../lib/pipeline/asl.ts';
import { restoreTasks } from '../../lib/pipeline/invoke.ts';
import { restoreWorkflow } from '../../lib/pipeline/restore-workflow.ts';
import { allStates, onCycle, waysAround } from './paths.ts';
import { only, pipelineTemplate } from './template.ts';

const functionArn = (task: string) => `arn:aws:lambda:eu-central-1:123456789012:function:${task}`;
const byTen = { expiresAfter: 3600, remindBefore: 600 };
const made = (approval: typeof byTen | null): StateMachine =>
  JSON.parse(JSON.stringify(restoreWorkflow({ functionArn, bucket: 'bundles', approval })));

const tasksOf = (definition: StateMachine) =>
  allStates(definition).filter((it): it is [string, State & { Type: 'Task' }] => it[1].Type === 'Task');

describe.each([
  { variant: 'with approval', approval: byTen },
  { variant: 'with approval and no reminder', approval: { ...byTen, remindBefore: 0 } },
  { variant: 'without approval', approval: null },
])('a restore $variant', ({ approval }) => {
  const definition = made(approval);

  test('is sound in the eyes of asl-validator', () => {
    const validate = createRequire(import.meta.url)('asl-validator');
    expect(validate(structuredClone(definition)).errors).toEqual([]);
  });

  test('reports whatever happens', () => {
    expect(waysAround(definition, 'ReportRestore')).toEqual([]);
  });

  test('comes back to nothing but a wait, and what was approved', () => {
    expect(onCycle(definition)).toEqual([
      ...(approval === null ? [] : ['PlanRestore', 'Approved', 'RequestApproval']),
      ...['RestoreCluster', 'ClusterRestored', 'WaitForRestore'],
      ...['SwapCluster', 'ClusterSwapped', 'WaitForSwap'],
    ]);
  });

  test('calls the functions that there are', () => {
    const called = new Set(
      tasksOf(definition).map(([, { Arguments }]) => (Arguments as { FunctionName: string }).FunctionName),
    );
    const wanted = [...restoreTasks, ...(approval === null ? [] : ['RequestApproval'])];
    expect([...called].sort()).toEqual(wanted.map(functionArn).sort());
  });

  test('changes no name before every cluster was looked at', () => {
    const { CheckRestored, RestoreClusters } = definition.States as Record<string, { Next?: string }>;
    expect([RestoreClusters?.Next, CheckRestored?.Next]).toEqual(['CheckRestored', 'SwapAskedFor']);
    const toSwap = Object.entries(definition.States).filter(([, it]) => JSON.stringify(it).includes('"SwapClusters"'));
    expect(toSwap.map(([name]) => name)).toEqual(['SwapAskedFor']);
  });
});

test.each([null, Approval.byMail(['dba@example.com'])])('is what is deployed', async (approval) => {
  const template = await pipelineTemplate(approval ? { approval } : {});
  const { DefinitionString } = only(template, 'AWS::StepFunctions::StateMachine', 'RestoreMachine');
  const day = { expiresAfter: 86_400, remindBefore: 10_800 };
  expect(JSON.parse(DefinitionString as string)).toEqual(
    JSON.parse(
      JSON.stringify(
        restoreWorkflow({
          functionArn: (task) => `<${task}.Arn>`,
          bucket: '<Bundles>',
          approval: approval ? day : null,
        }),
      ),
    ),
  );
});
