import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { signedFor } from '../local/cloud-harness.ts';
import type { stage } from './stage.ts';

type Stage = ReturnType<typeof stage>;

/** What a step on one database is handed. */
export type Item = { run: { run: string; digest: string }; database: { database: string } };

/** What the steps of a run's first wave are handed, as soon as the run has planned it. */
export const firstWave = async (it: Stage, environment: string, run: string): Promise<Item[]> => {
  for (;;) {
    const wave = await it.object(environment, `runs/${run}/waves/1.json`).catch(() => undefined);
    const record = await recordOf(it, environment, run, 'RUN');
    if (wave === undefined || record === undefined) {
      await sleep(20);
      continue;
    }
    const { run: name, execution, digest, token, requestedBy, startedAt } = record;
    return (JSON.parse(wave) as { databases: Item['database'][] }[]).flatMap((cluster) =>
      cluster.databases.map((database) => ({
        run: { run: name, execution, digest, token, requestedBy, startedAt },
        ...{
          cluster,
          database,
          wave: { wave: 1, budget: 0, pardoned: 0, again: false },
          snapshot: 'taken by the run',
          polls: 0,
        },
      })),
    );
  }
};

/** What the ledger has written down about a run under a sort key. */
export const recordOf = async ({ deployed, pipeline }: Stage, environment: string, run: string, sk: string) => {
  const Key = { pk: `RUN#${run}`, sk };
  const { Item } = await deployed.clients.dynamodb.send(
    new GetCommand({ TableName: pipeline(environment).ledger, Key }),
  );
  return Item;
};

/** Invokes the function behind a step, past the state machine. */
export const invoke = async ({ deployed }: Stage, step: string, payload: object): Promise<Record<string, unknown>> => {
  const at = (path: string, init = {}) =>
    fetch(`${deployed.cloud.endpoint}/2015-03-31/functions${path}`, { headers: signedFor('lambda'), ...init });
  const { Functions } = (await (await at('')).json()) as {
    Functions: { FunctionName: string; Description?: string }[];
  };
  const names = Functions.map(({ FunctionName }) => FunctionName).filter((name) => name.includes(step));
  const [name] = names.filter((it) => /staging/i.test(it));
  const answer = await at(`/${name}/invocations`, { method: 'POST', body: JSON.stringify(payload) });
  return (await answer.json()) as Record<string, unknown>;
};
