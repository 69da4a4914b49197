import type { Plan } from '../fleet/plan.ts';
import { RestoreRefused } from '../fleet/restore/plan.ts';
import { CAVEATS, outageOf, pointSentence, stepsOf } from '../fleet/restore/steps.ts';
import { objects, runKey } from '../ledger/objects.ts';
import { type RestorePoint, restorePoints } from '../ledger/restore-points.ts';
import { type RunRecord, runRecord } from '../ledger/runs.ts';
import type { Clients } from './clients.ts';
import { painter } from './output.ts';
import type { Pipeline } from './pipelines.ts';
import { UnknownRun } from './revert-preview.ts';
import { time } from './time.ts';
import { table } from './words.ts';

export type RestorePreview = {
  record: RunRecord;
  swap: boolean;
  clusters: { cluster: string; point: RestorePoint; databases: number }[];
};

/** Reads in the ledger what there is to go back to. Changes nothing. @throws UnknownRun, RestoreRefused */
export const previewRestore = async (
  { s3, dynamodb }: Clients,
  { environment, ledger, bucket }: Pipeline,
  { run, clusters, swap }: { run: string; clusters?: string[] | undefined; swap: boolean },
): Promise<RestorePreview> => {
  const tableOf = { client: dynamodb, name: ledger };
  const record = await runRecord(tableOf, run);
  if (!record || record.restores) throw new UnknownRun({ run, environments: [environment] });
  const points = await restorePoints(tableOf, run);
  const known = new Set(points.map(({ cluster }) => cluster));
  const problems = [
    ...(points.length === 0 ? ['It has no restore points: it changed nothing.'] : []),
    ...(clusters ?? []).filter((it) => !known.has(it)).map((it) => `${it}: the run has no restore point of it.`),
  ];
  if (problems.length > 0) throw new RestoreRefused({ run, problems });
  const { databases } = (await objects(s3, bucket).json(runKey(run, 'plan'))) as Plan;
  return {
    ...{ record, swap },
    clusters: points
      .filter(({ cluster }) => clusters?.includes(cluster) ?? true)
      .map((point) => {
        const { cluster } = point;
        return { cluster, point, databases: databases.filter((it) => it.cluster === cluster).length };
      }),
  };
};

/** Which clusters, from what, in which steps, and what users notice. */
export const restoreView = (
  { record, swap, clusters }: RestorePreview,
  environment: string,
  colours: boolean,
): string => {
  const paint = painter(colours);
  const rows = clusters.map(({ cluster, point, databases }) => [cluster, String(databases), pointSentence(point)]);
  const [head = '', ...lines] = table([['CLUSTER', 'DATABASES', 'RESTORED FROM'], ...rows], [1]);
  return [
    `${paint('bold', `Before run ${record.run}`)} in ${environment}: of ${time(record.startedAt)}, by ${record.requestedBy}`,
    '',
    paint('dim', head),
    ...lines,
    '',
    ...stepsOf({ swap }).map((step, at) => `  ${at + 1}. ${step}`),
    '',
    `${paint(swap ? 'yellow' : 'bold', 'What users notice:')} ${outageOf({ swap })}`,
    ...CAVEATS.map((it) => paint('dim', it)),
  ].join('\n');
};
