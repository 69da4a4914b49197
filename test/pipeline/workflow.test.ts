import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Duration } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { virtualClock } from '../../lib/local/clock.ts';
import { stepFunctions } from '../../lib/local/step-functions/step-functions.ts';
import { Approval } from '../../lib/pipeline/approval-props.ts';
import type { State, StateMachine } from '../../lib/pipeline/asl.ts';
import { handlers } from '../../lib/pipeline/handlers.ts';
import { driftTasks, previewTasks, restoreTasks, tasks } from '../../lib/pipeline/invoke.ts';
import { rolloutOf } from '../../lib/pipeline/rollout-props.ts';
import { type WorkflowOptions, workflow } from '../../lib/pipeline/workflow.ts';
import { allStates, onCycle, waysAround } from './paths.ts';
import { only, pipelineTemplate } from './template.ts';

const functionArn = (task: string) => `arn:aws:lambda:eu-central-1:123456789012:function:${task}`;
const byTen = { expiresAfter: 3600, remindBefore: 600 };
/** As it is deployed, that is as JSON: in TypeScript its states share parts. */
const made = (options: Partial<WorkflowOptions> = {}): StateMachine =>
  JSON.parse(
    JSON.stringify(
      workflow({
        functionArn,
        bucket: 'bundles',
        approval: byTen,
        rollout: rolloutOf({}),
        databasesAtOnce: 1,
        healthCheck: null,

        ...options,
      }),
    ),
  );

const variants = [
  { variant: 'with approval', approval: byTen },
  { variant: 'with approval and no reminder', approval: { ...byTen, remindBefore: 0 } },
  { variant: 'without approval', approval: null },
];

const windowed = rolloutOf({ windows: { timeZone: 'Europe/Berlin', closedDays: ['Friday'] } });

describe.each(variants)('the workflow $variant', ({ approval }) => {
  const definition = made({ approval });
  const inWindows = made({ approval, rollout: windowed });

  test('parks a rollout outside of its windows, and reports whatever happens then', () => {
    expect(validated(inWindows)).toEqual([]);
    expect(created(inWindows)).toBe('arn:aws:states:eu-central-1:123456789012:stateMachine:machine');
    expect(waysAround(inWindows, 'Report')).toEqual([]);
    const more = Object.keys(inWindows.States).filter((name) => !(name in definition.States));
    expect(more).toEqual(['Park', 'StillAsPlanned', 'TellOfGlass']);
  });

  test('is sound in the eyes of asl-validator', () => {
    expect(validated(definition)).toEqual([]);
  });

  test('is taken by the local engine', () => {
    expect(created(definition)).toBe('arn:aws:states:eu-central-1:123456789012:stateMachine:machine');
  });

  test('reports whatever happens', () => {
    expect(waysAround(definition, 'Report')).toEqual([]);
  });

  test('tries again what Lambda itself did not manage or AWS was asked too often for, and never a failure of a step', () => {
    const found = tasksOf(definition).map(([name, { Retry = [] }]) => [name, Retry.flatMap((it) => it.ErrorEquals)]);
    const lambda = [
      'Lambda.ClientExecutionTimeoutException',
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
      'Lambda.Unknown',
      'Sandbox.Timedout',
      'Runtime.ExitError',
    ];
    const throttled = ['ThrottlingException', 'Throttling'];
    const first: Record<string, string[]> = {
      EnsureRestorePoint: ['RestorePointPending', 'InvalidDBClusterStateFault', ...throttled],
      Admit: throttled,
      Discover: throttled,
      Plan: throttled,
      Gate: throttled,
    };
    expect(found.length).toBe(approval === null ? 15 : 16);
    for (const [name, errors] of found) {
      expect([name, errors]).toEqual([name, [...(first[String(name)] ?? []), ...lambda]]);
    }
  });

  test('never asks again and again whether a person has decided', () => {
    const waiting = tasksOf(definition).filter(([, { Resource }]) => Resource.endsWith('.waitForTaskToken'));
    expect(waiting.map(([name]) => name)).toEqual(approval === null ? ['Hold'] : ['RequestApproval', 'Hold']);
    expect(onCycle(definition)).toEqual([
      // It comes back for the reminder, for the end, and to plan once more what was approved.
      ...(approval === null ? [] : ['InspectFleet', 'Measure', 'Plan', 'AnythingPending', 'RequestApproval']),
      ...['Gate', 'WhatNext', 'Wave', 'Apply', 'Applied', 'WaitWhileRunning', 'Bake', 'Hold'],
    ]);
  });

  test('gives people a limited time, and nobody else', () => {
    for (const [name, state] of tasksOf(definition)) {
      const waits = state.Resource.endsWith('.waitForTaskToken');
      expect([name, typeof state.TimeoutSeconds]).toEqual([name, waits ? 'string' : 'undefined']);
    }
  });

  test('reads the manifests of waves in the version that was planned, and the fleet as it was admitted', () => {
    const readers = allStates(definition).flatMap(([name, state]) =>
      'ItemReader' in state ? [[name, state.ItemReader.Arguments]] : [],
    );
    expect(readers).toEqual([
      ['InspectFleet', { Bucket: 'bundles', Key: "{% 'runs/' & $run.run & '/fleet.json' %}" }],
      ['Wave', { Bucket: 'bundles', Key: '{% $gate.wave.key %}', VersionId: '{% $gate.wave.version %}' }],
    ]);
  });
});

describe('a broken workflow', () => {
  const states = Object.entries(made().States);
  const catching = states.filter(([, state]) => 'Catch' in state).map(([name]) => name);

  test.each(catching)('is noticed if the catch of %s is missing', (name) => {
    const definition = made();
    delete (definition.States[name] as { Catch?: unknown }).Catch;
    expect(waysAround(definition, 'Report')).toEqual([`${name} may fail without a report`]);
  });

  test('is noticed if a catch leaves some failures out', () => {
    const definition = made();
    (definition.States.Converge as { Catch: { ErrorEquals: string[] }[] }).Catch[0]!.ErrorEquals = [
      'FingerprintsDiffer',
    ];
    expect(waysAround(definition, 'Report')).toEqual(['Converge may fail without a report']);
  });

  test('is noticed if a catch leads past the report', () => {
    const definition = made();
    (definition.States.Plan as { Catch: { Next: string }[] }).Catch[0]!.Next = 'Failed';
    expect(waysAround(definition, 'Report')).toEqual(['Failed ends the run without a report']);
  });

  test('is noticed if it ends early', () => {
    const definition = made();
    (definition.States.AnythingPending as { Default: string }).Default = 'Succeeded';
    expect(waysAround(definition, 'Report')).toEqual(['Succeeded ends the run without a report']);
  });

  test('is noticed if it goes round for ever', () => {
    const definition = made();
    (definition.States.Converge as { Next: string }).Next = 'Again';
    definition.States.Again = { Type: 'Wait', Seconds: 1, Next: 'Again' };
    expect(waysAround(definition, 'Report')).toEqual(['Again never comes to an end']);
  });

  test('is noticed by asl-validator and the local engine too', () => {
    const definition = made();
    (definition.States.Converge as { Next: string }).Next = 'Nowhere';
    expect(validated(definition).join()).toContain('Nowhere');
    expect(() => created(definition)).toThrow('Nowhere');
  });
});

describe('every task', () => {
  test('is a state, has a handler of its name, and its handler a file', () => {
    expect(
      tasksOf(made({ rollout: windowed }))
        .map(([name]) => name)
        .sort(),
    ).toEqual([...tasks, 'RecordClusterFailure', 'TellOfGlass'].sort());
    const files = {
      Admit: 'admit',
      Lint: 'lint',
      Discover: 'discover',
      InspectCluster: 'inspect-cluster',
      Measure: 'measure',
      Plan: 'plan',
      RequestApproval: 'request-approval',
      Gate: 'gate',
      Park: 'park',
      Hold: 'hold',
      EnsureRestorePoint: 'ensure-restore-point',
      Apply: 'apply',
      Verify: 'verify',
      RecordFailure: 'record-failure',
      Converge: 'converge',
      Report: 'report',
    };
    expect(Object.keys(files)).toEqual([...tasks]);
    const others = [
      ...[...restoreTasks, ...previewTasks, ...driftTasks].map(kebab),
      'approvals',
      'slack-interactions',
      'slack-decision',
      'close-run',
      'attest',
      'promote',
    ];
    expect([...handlers]).toEqual([...Object.values(files), ...others]);
    for (const file of handlers) expect([file, existsSync(`lambdas/${file}.ts`)]).toEqual([file, true]);
  });

  test('calls its own function', () => {
    for (const [name, { Arguments }] of tasksOf(made()))
      expect(Arguments).toMatchObject({
        FunctionName: functionArn(name.replace('Cluster', name === 'RecordClusterFailure' ? '' : 'Cluster')),
      });
  });
});

describe('what is deployed', () => {
  const plain = { rollout: rolloutOf({}), databasesAtOnce: 1, healthCheck: null };
  const deployed = { functionArn: (task: string) => `<${task}.Arn>`, bucket: '<Bundles>' };

  test('is this workflow with the functions and the bucket of the stack', async () => {
    const approval = Approval.byMail(['dba@example.com'], { expiresAfter: Duration.hours(2) });
    const template = await pipelineTemplate({ approval, concurrency: 3 });
    const { DefinitionString } = only(template, 'AWS::StepFunctions::StateMachine', 'StateMachine');
    expect(JSON.parse(DefinitionString as string)).toEqual(
      workflow({
        ...deployed,
        ...plain,
        approval: { expiresAfter: 7200, remindBefore: 900 },
        rollout: rolloutOf({ concurrency: 3 }),
      }),
    );
  });

  test('asks nobody and works on ten clusters at once where nothing else is said', async () => {
    const { DefinitionString } = only(await pipelineTemplate({}), 'AWS::StepFunctions::StateMachine', 'StateMachine');
    expect(JSON.parse(DefinitionString as string)).toEqual(workflow({ ...deployed, ...plain, approval: null }));
  });
});

type Task = State & { Type: 'Task' };

function kebab(task: string): string {
  return task.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
}

function tasksOf(definition: StateMachine): [string, Task][] {
  return allStates(definition).filter((it): it is [string, Task] => it[1].Type === 'Task');
}

function validated(definition: StateMachine): string[] {
  const validate = createRequire(import.meta.url)('asl-validator');
  // It writes into what it is given.
  return validate(structuredClone(definition)).errors.map((it: unknown) => JSON.stringify(it));
}

function created(definition: StateMachine): string {
  const nothing = () => Promise.reject(new Error('nothing runs here'));
  const engine = stepFunctions({
    place: { partition: 'aws', region: 'eu-central-1', account: '123456789012' },
    clock: virtualClock(),
    invoke: nothing,
    objects: { get: nothing, put: nothing, list: nothing },
  });
  return engine.createStateMachine({ name: 'machine', roleArn: 'role', definition: JSON.stringify(definition) });
}
