import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { Schema, type SchemaObject } from '../database/objects.ts';
import { failure } from '../failure.ts';
import { DriftReport, type Finding } from '../fleet/drift/report.ts';
import { checkName, DriftState, driftStateKey, schemaKey } from '../fleet/drift/state.ts';
import { isMissing, objects, runKey } from '../ledger/objects.ts';
import type { Clients } from './clients.ts';
import { isOver } from './execution.ts';
import type { Pipeline } from './pipelines.ts';

/** The environment was deployed by a version of Lockstep that knew no drift. */
export const CannotCheckDrift = failure(
  'CannotCheckDrift',
  (it: { environment: string }) =>
    `${it.environment} was deployed by a version of Lockstep that can't check for drift. Deploy it once more.`,
);

/** Nobody has looked at the environment yet. */
export const NotCheckedYet = failure(
  'NotCheckedYet',
  (it: { environment: string }) =>
    `Nobody has checked ${it.environment} for drift yet. Do: lockstep drift ${it.environment}`,
);

/** A check ended without saying what it has found. */
export const CheckFailed = failure(
  'CheckFailed',
  (it: { execution: string; error: string; cause: string }) =>
    `The check could not be made: ${it.error}: ${it.cause} (${it.execution})`,
);

/** The last check has found no drift in this database. */
export const NoDriftThere = failure(
  'NoDriftThere',
  (it: { database: string; check: string; known: string[] }) =>
    `The check of ${it.check} has found no changed schema in ${it.database}. ${it.known.length > 0 ? `It has in: ${it.known.slice(0, 20).join(', ')}${it.known.length > 20 ? ' …' : '.'}` : 'It has found none at all.'}`,
);

/** A schema that nobody has kept can't be compared with another. */
export const SchemaNotKept = failure(
  'SchemaNotKept',
  (it: { fingerprint: string; because: string | null }) =>
    `The schema ${it.fingerprint.slice(0, 12)} was not kept${it.because ? `: ${it.because}` : ''}. Check again; if that doesn't help, nobody knows any more what was expected.`,
);

/** Has the whole fleet looked at now, and tells what was found. @throws CannotCheckDrift, CheckFailed */
export const checkNow = async (
  { sfn, s3 }: Clients,
  { environment, bucket, driftStateMachineArn }: Pipeline,
  interval: number,
): Promise<DriftReport> => {
  if (driftStateMachineArn === undefined) throw new CannotCheckDrift({ environment });
  // By a name of its own: where the answer is lost, asking again finds the check that has begun.
  const start = new StartExecutionCommand({ stateMachineArn: driftStateMachineArn, name: randomUUID(), input: '{}' });
  const { executionArn: execution = '' } = await sfn.send(start);
  for (;;) {
    const { status, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    if (status === 'SUCCEEDED') {
      const check = checkName(execution.split(':').at(-1) ?? '');
      return DriftReport.parse(await objects(s3, bucket).json(runKey(check, 'report')));
    }
    if (isOver(status)) {
      throw new CheckFailed({ execution, error: error ?? status ?? 'unknown', cause: cause ?? '' });
    }
    await sleep(interval);
  }
};

/** What the last check has found. @throws NotCheckedYet, CheckFailed */
export const lastCheck = async ({ s3 }: Clients, { environment, bucket }: Pipeline): Promise<DriftReport> => {
  const stored = objects(s3, bucket);
  try {
    const { check } = DriftState.parse(await stored.json(driftStateKey));
    const report = DriftReport.parse(await stored.json(runKey(check, 'report')));
    if (report.failure) throw new CheckFailed({ execution: check, ...report.failure });
    return report;
  } catch (cause) {
    if (isMissing(cause)) throw new NotCheckedYet({ environment }, { cause });
    throw cause;
  }
};

/** What the last check has found in a database, with the schema that it has and the one that it should have. */
export type Drifted = { database: string; finding: Finding; expected: SchemaObject[]; found: SchemaObject[] };

/** @throws NotCheckedYet, CheckFailed, NoDriftThere, SchemaNotKept */
export const driftIn = async (clients: Clients, pipeline: Pipeline, name: string): Promise<Drifted> => {
  const report = await lastCheck(clients, pipeline);
  const changed = report.findings.filter(({ kind }) => ['changed', 'different', 'apart'].includes(kind));
  const all = changed.flatMap((finding) => finding.databases.map(({ database }) => ({ database, finding })));
  const matching = all.filter(({ database }) => database === name || database.split('/')[1] === name);
  const [it] = matching;
  if (!it || matching.length > 1) {
    const known = (it ? matching : all).map(({ database }) => database);
    throw new NoDriftThere({ database: name, check: report.endedAt, known });
  }
  const { finding } = it;
  const kept = async (fingerprint: string | null): Promise<SchemaObject[]> => {
    try {
      return Schema.parse(await objects(clients.s3, pipeline.bucket).json(schemaKey(fingerprint ?? '')));
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new SchemaNotKept({ fingerprint: fingerprint ?? '', because: finding.why }, { cause });
    }
  };
  return { ...it, expected: await kept(finding.expected), found: await kept(finding.found) };
};
