import { among, type Change, changesIn, sinceOf, withPeople } from './changes.ts';
import { changesView } from './changes-view.ts';
import { clients } from './clients.ts';
import { findPipelines } from './pipelines.ts';
import { type Environment, forEach, oneOf, openPipeline, pipelineNamed, type Target } from './target.ts';

type Asked = { database?: string; migration?: string; person?: string; since?: string };

/**
 * Who changed what, where and when, and on whose word: in one environment, or in all of this account and region.
 * @throws SinceUnreadable, UnknownEnvironment, UnknownDatabase, AmbiguousName
 */
export const searchHistory = async (
  name: string | undefined,
  { database, person, since, ...wanted }: Asked,
  json: boolean | undefined,
  colours: boolean,
): Promise<{ text: string; sound: boolean }> => {
  const from = since === undefined ? {} : { since: sinceOf(since, new Date()) };
  const connected = clients();
  const all = [...(await findPipelines(connected.ssm)).values()];
  const changes: Change[] = [];
  const problems: string[] = [];
  let ledger = true;
  const chosen = name === undefined ? all : [pipelineNamed(all, name)];
  const several = new Set(chosen.map(({ service }) => service)).size > 1;
  for (const pipeline of chosen) {
    const environment = await openPipeline(connected, pipeline);
    const read = await readAll(
      environment,
      database === undefined ? environment.targets : [oneOf(environment, database)],
    );
    const where = several ? `${pipeline.service}/${pipeline.environment}` : pipeline.environment;
    problems.push(...read.problems.map((problem) => `${where}: ${problem}`));
    // Before people are looked up, so that the ledger is asked only about the runs that are left.
    const found = among(read.changes, { ...wanted, ...from });
    const named = await withPeople(connected, environment, found);
    ledger &&= named.ledger;
    changes.push(...named.changes);
  }
  const shown = among(changes, person === undefined ? {} : { person });
  return answer({ changes: shown, problems, ledger }, person !== undefined, json, colours);
};

/** Who was asked for can't be found where the ledger can't be read: that is no answer, and said to be none. */
export const answer = (
  found: { changes: Change[]; problems: string[]; ledger: boolean },
  byPerson: boolean,
  json: boolean | undefined,
  colours: boolean,
): { text: string; sound: boolean } => {
  const { changes, problems, ledger } = found;
  const complete = problems.length === 0 && (ledger || !byPerson);
  const text = json ? JSON.stringify(found, null, 2) : changesView(changes, { problems, ledger, complete }, colours);
  return { text, sound: complete && !changes.some(({ became }) => BAD.has(became)) };
};

const BAD = new Set<Change['became']>(['failed', 'in doubt']);

/** One that can't be read doesn't hide the others. */
const readAll = async ({ pipeline, session }: Environment, targets: Target[]) => {
  const { readHistory, readResolutions } = await import('../database/history.ts');
  const { service, environment } = pipeline;
  const problems: string[] = [];
  const changes = await forEach(targets, async (target) => {
    const { cluster, database } = target;
    try {
      const history = await readHistory(session, target);
      return changesIn({ service, environment, cluster, database }, history, await readResolutions(session, target));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      problems.push(`${cluster}/${database} can't be read: ${error.message}`);
      return [];
    }
  });
  return { changes: changes.flat(), problems };
};
