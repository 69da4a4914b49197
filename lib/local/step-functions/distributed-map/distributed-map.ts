import { randomUUID } from 'node:crypto';
import type { ExecutionType, Json, MapState } from '../asl.ts';
import { countField, itemsOf, percentageField, STATE_DATA, selectItem } from '../map-items.ts';
import { withinLimit } from '../payload.ts';
import { StateError } from '../state-error.ts';
import { type Computed, compute, record, recordAside, type Visit } from '../visit.ts';
import { allowanceOf } from './allowance.ts';
import { readItems } from './item-reader.ts';
import { labelOf } from './map-label.ts';
import { type MapRun, runChildren } from './map-run.ts';
import { results, writeResults } from './result-writer.ts';

/** Runs the processor once per item, each time as an execution of its own. A retry is a new map run of all items. */
export const distribute = async (visit: Visit<MapState>): Promise<Computed> => {
  const { progress } = visit.thread;
  const before = visit.resuming ? progress.mapRun : undefined;
  visit.resuming = false;
  // Before it has children there is nothing to go on from.
  if (before && before.children.length > 0) return goOn(visit, before);
  const { state, thread } = visit;
  const items = state.ItemReader ? undefined : await itemsOf(visit);
  const settings = {
    maxConcurrency: (await countField(visit, 'MaxConcurrency')) ?? 0,
    toleratedFailureCount: await countField(visit, 'ToleratedFailureCount'),
    toleratedFailurePercentage: await percentageField(visit),
  };
  // How many items there are to read from S3, AWS doesn't know at this point either.
  record(thread, 'MapStateStarted', { length: items?.length ?? 0 });
  checkMayStart(visit);
  const run = startRun(visit, settings);
  progress.mapRun = run;
  record(thread, 'MapRunStarted', { mapRunArn: run.arn });
  return finish(visit, run, async () => {
    await readInputs(visit, run, items);
    return process(visit, run);
  });
};

/** Redrives a map run: what has succeeded in it stays, and its items are not read again. */
const goOn = (visit: Visit<MapState>, run: MapRun): Promise<Computed> => {
  const { engine, execution } = visit.thread;
  const { region, account } = engine.place;
  const { name, roleArn } = execution.stateMachine;
  const children = `arn:aws:states:${region}:${account}:execution:${name}/${run.label}:*`;
  const refused = engine.refusal?.('states:RedriveExecution', children, { roleArn });
  if (refused) throw new StateError('States.Permissions', refused);
  run.status = 'RUNNING';
  run.redriveCount += 1;
  run.redriveDate = engine.clock.now();
  delete run.stopDate;
  for (const child of run.children) if (child.status !== 'SUCCEEDED') child.status = 'PENDING_REDRIVE';
  record(visit.thread, 'MapRunRedriven', { mapRunArn: run.arn, redriveCount: run.redriveCount });
  return finish(visit, run, () => process(visit, run));
};

const finish = async (visit: Visit<MapState>, run: MapRun, work: () => Promise<Json>): Promise<Computed> => {
  const { state, thread } = visit;
  let result: Json;
  try {
    result = await work();
    end(visit, run, 'SUCCEEDED');
  } catch (failure) {
    end(visit, run, thread.signal.aborted ? 'ABORTED' : 'FAILED');
    if (failure instanceof StateError && !thread.signal.aborted)
      record(thread, 'MapRunFailed', { error: failure.error, ...(failure.reason && { cause: failure.reason }) });
    throw failure;
  }
  record(thread, 'MapRunSucceeded');
  recordAside(thread, 'MapStateSucceeded');
  return compute(visit, state, result, { result });
};

/**
 * A map run's children are executions of the state machine, which its role has to be allowed to start.
 * https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 */
const checkMayStart = ({ thread: { engine, execution } }: Visit<MapState>) => {
  const { arn, roleArn } = execution.stateMachine;
  const refused = engine.refusal?.('states:StartExecution', arn, { roleArn });
  if (refused) throw new StateError('States.Permissions', refused);
};

const startRun = (
  { state, name, thread: { execution, engine } }: Visit<MapState>,
  settings: Pick<MapRun, 'maxConcurrency' | 'toleratedFailureCount' | 'toleratedFailurePercentage'>,
): MapRun => {
  const { region, account } = engine.place;
  const label = labelOf(name, state);
  const run: MapRun = {
    ...settings,
    arn: `arn:aws:states:${region}:${account}:mapRun:${execution.stateMachine.name}/${label}:${randomUUID()}`,
    label,
    parent: execution,
    status: 'RUNNING',
    startDate: engine.clock.now(),
    inputs: [],
    children: [],
    resultsWritten: 0,
    redriveCount: 0,
    wake: () => {},
  };
  engine.executions.addMapRun(run);
  return run;
};

const end = (visit: Visit<MapState>, run: MapRun, status: 'SUCCEEDED' | 'FAILED' | 'ABORTED') => {
  run.status = status;
  run.stopDate = visit.thread.engine.clock.now();
};

const readInputs = async (visit: Visit<MapState>, run: MapRun, given: Json[] | undefined) => {
  const { items, source } = given ? { items: given, source: () => STATE_DATA } : await readItems(visit);
  for (const [n, item] of items.entries())
    run.inputs.push(withinLimit(await selectItem(visit, item, n, source(n)), visit.name));
};

const process = async (visit: Visit<MapState>, run: MapRun): Promise<Json> => {
  const type: ExecutionType =
    visit.state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED'
      ? visit.state.ItemProcessor.ProcessorConfig.ExecutionType
      : 'STANDARD';
  const { executions } = visit.thread.engine;
  const start = (input: Json) => executions.startChild(run, visit.state.ItemProcessor, type, input);
  const allowance = allowanceOf(visit.thread.engine, visit.thread.signal);
  const outcome = await runChildren(run, { start, redrive: executions.redriveChild, allowance }, visit.thread.signal);

  const exported = visit.state.ResultWriter?.Resource ? await exportResults(visit, run, outcome) : undefined;
  if (outcome === 'exceeded')
    throw new StateError(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    );
  return exported ?? withinLimit(results(run, visit.state.ResultWriter), visit.name);
};

/** What failed is exported, too; a failure to do so doesn't hide that the map itself failed. */
const exportResults = async (visit: Visit<MapState>, run: MapRun, outcome: 'done' | 'exceeded') => {
  try {
    return await writeResults(visit, run);
  } catch (failure) {
    if (outcome === 'exceeded' && failure instanceof StateError) return undefined;
    throw failure;
  }
};
