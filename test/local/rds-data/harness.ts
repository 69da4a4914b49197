import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type Field,
  RDSDataClient,
  type SqlParameter,
} from '@aws-sdk/client-rds-data';
import { type Clock, realClock } from '../../../lib/local/clock.ts';
import { rds } from '../../../lib/local/rds/rds.ts';
import { dataApi } from '../../../lib/local/rds-data/data-api.ts';
import type { Limits } from '../../../lib/local/rds-data/limits.ts';
import type { Switches } from '../../../lib/local/rds-data/switches.ts';
import { parseSwitches } from '../../../lib/local/switches-variable.ts';
import { serving } from '../rds/serving.ts';

export const secretArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders';

/** One cluster with one database, `shop`, to be shared by a test file. */
export const startCluster = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  const secrets = new Map([[secretArn, JSON.stringify({ username: 'clerk', password: 'p4ss word' })]]);
  const control = rds({
    place: { partition: 'aws', region: 'eu-central-1', account: '123456789012' },
    clock: realClock,
    directory,
    secrets: { value: async (id) => secrets.get(id) },
  });
  const { arn } = await control.createCluster({
    identifier: 'orders',
    databases: ['shop'],
    secretArn,
    httpEndpointEnabled: true,
  });
  const stop = async () => {
    await control.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { directory, secrets, control, arn, stop };
};

/** A Data API over a cluster, behind HTTP, with the real SDK in front; as LOCKSTEP_SWITCHES has it, unless told otherwise. */
export const startDataApi = async (
  { control, secrets, arn }: Awaited<ReturnType<typeof startCluster>>,
  options: { limits?: Partial<Limits>; switches?: Partial<Switches>; clock?: Clock } = {},
) => {
  const switches = { ...parseSwitches(process.env.LOCKSTEP_SWITCHES).dataApi, ...options.switches };
  const of = { clusters: control.cluster, secrets: { value: async (id: string) => secrets.get(id) } };
  const api = dataApi({ ...of, ...options, switches });
  const { client, close } = await serving({ 'rds-data': api.service });
  const sdk = new RDSDataClient(client);
  const common = { resourceArn: arn, secretArn, database: 'shop' };
  const execute = (sql: string, input: Partial<ExecuteStatementCommandInput> = {}) =>
    sdk.send(new ExecuteStatementCommand({ ...common, sql, ...input }));
  return {
    api,
    sdk,
    common,
    execute,
    /** The first column of the first row. */
    value: async (sql: string, input: Partial<ExecuteStatementCommandInput> = {}) =>
      (await execute(sql, input)).records?.[0]?.[0],
    close: async () => {
      sdk.destroy();
      await close();
      await api.close();
    },
  };
};

export const parameter = (name: string, value: Field, typeHint?: SqlParameter['typeHint']): SqlParameter => ({
  name,
  value,
  ...(typeHint && { typeHint }),
});

/** What a call was refused with. */
export const refusal = async (call: Promise<unknown>) => {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as {
      name: string;
      message: string;
      $metadata?: { httpStatusCode?: number };
    };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  throw new Error('the call was not refused');
};
