import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { type Session, session } from '../database/session.ts';
import { failure } from '../failure.ts';
import { type Clients, clients } from './clients.ts';
import { findPipelines, type Pipeline, UnknownEnvironment } from './pipelines.ts';
import { type Target, targetsOf } from './targets.ts';

export type { Target };

/** A deployed environment: its databases, and the Data API to reach them by. */
export type Environment = { pipeline: Pipeline; targets: Target[]; session: Session };

/** A database was named that the environment doesn't have. */
export const UnknownDatabase = failure(
  'UnknownDatabase',
  (it: { environment: string; database: string; known: string[] }) =>
    `There is no database ${it.database} in ${it.environment}. There are: ${some(it.known)}.`,
);

/** A name fits several databases, or several environments. */
export const AmbiguousName = failure(
  'AmbiguousName',
  (it: { name: string; means: string[] }) => `${it.name} may mean ${some(it.means)}. Name one of them in full.`,
);

/**
 * Finds a deployed environment by its name, or by service/name where several services have one of that name.
 * AWS is reached by the SDK's usual configuration: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL …
 */
export const openEnvironment = async (name: string): Promise<Environment> => {
  const connected = clients();
  return openPipeline(connected, await onePipeline(connected, name));
};

/** A deployed environment whose pipeline is known already. */
export const openPipeline = async (connected: Clients, pipeline: Pipeline): Promise<Environment> => {
  const data = new RDSDataClient({
    maxAttempts: 1,
    requestHandler: { requestTimeout: 60_000, throwOnRequestTimeout: true },
  });
  return { pipeline, targets: await targetsOf(connected, pipeline, data), session: session(data) };
};

/** The pipeline of an environment, by its name or by service/name. @throws UnknownEnvironment, AmbiguousName */
export const onePipeline = async ({ ssm }: Pick<Clients, 'ssm'>, name: string): Promise<Pipeline> =>
  pipelineNamed([...(await findPipelines(ssm)).values()], name);

/** The same among pipelines that were found already. @throws UnknownEnvironment, AmbiguousName */
export const pipelineNamed = (pipelines: Pipeline[], name: string): Pipeline => {
  const found = pipelines.filter((it) => isCalled(it, name));
  const [pipeline] = found;
  if (!pipeline)
    throw new UnknownEnvironment({ environment: name, known: pipelines.map(({ environment }) => environment) });
  if (found.length > 1) throw new AmbiguousName({ name, means: found.map(inFull) });
  return pipeline;
};

/** Whether a name means this environment, with its service or without. */
export const isCalled = (it: Pipeline, name: string): boolean => it.environment === name || inFull(it) === name;

/** The database that `cluster/database`, or a database's name alone, means. @throws UnknownDatabase, AmbiguousName */
export const oneOf = ({ pipeline, targets }: Environment, name: string): Target => {
  const found = targets.filter((it) => nameOf(it) === name || it.database === name);
  const [target] = found;
  if (!target)
    throw new UnknownDatabase({
      environment: pipeline.environment,
      database: name,
      known: targets.map(nameOf),
    });
  if (found.length > 1) throw new AmbiguousName({ name, means: found.map(nameOf) });
  return target;
};

export const nameOf = ({ cluster, database }: Target): string => `${cluster}/${database}`;

/** Works on many databases, some at a time; what comes out is in their order. */
export const forEach = async <Result>(
  targets: Target[],
  work: (target: Target) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  const queue = [...targets.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results;
};

const AT_A_TIME = 8;

const inFull = ({ service, environment }: Pipeline): string => `${service}/${environment}`;

const some = (names: string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
