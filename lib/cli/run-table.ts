import type { EnvironmentResult } from './environment-result.ts';
import { painter } from './output.ts';
import { counted, table } from './words.ts';

/** Environments × databases × versions, and what went wrong where. */
export const runTable = (results: EnvironmentResult[], newest: string, colours: boolean): string => {
  const paint = painter(colours);
  const rows = results.flatMap(({ environment, databases }) =>
    databases.map((it) => [
      environment,
      it.cluster,
      it.database,
      version(it, newest),
      it.applied.length === 0 ? '–' : String(it.applied.length),
      it.snapshot ?? '–',
      it.fingerprint?.slice(0, 12) ?? '–',
    ]),
  );
  const [head = '', ...lines] = table(
    [['ENVIRONMENT', 'CLUSTER', 'DATABASE', 'VERSION', 'APPLIED', 'SNAPSHOT', 'FINGERPRINT'], ...rows],
    [4],
  );
  const failures = results.flatMap((result) => explain(result, paint));
  return [paint('dim', head), ...lines, ...(failures.length > 0 ? ['', ...failures] : [])].join('\n');
};

/** The newest migration that a database has. */
const version = ({ pending, failed }: EnvironmentResult['databases'][number], newest: string): string => {
  if (failed) return 'failed';
  return pending.length === 0 ? newest : `before ${pending[0]}`;
};

const explain = (
  { environment, status, failure, databases }: EnvironmentResult,
  paint: ReturnType<typeof painter>,
): string[] => {
  if (status === 'SUCCEEDED') return [];
  const failed = databases.filter((it) => it.failed !== null);
  if (failed.length === 0) return [`${paint('red', '✗')} ${environment}: ${failure?.error}: ${failure?.cause}`];
  return failed.flatMap(({ cluster, database, failed, applied, snapshot }) => {
    const place = failed?.file ? `${failed.file}${failed.line === null ? '' : `:${failed.line}`}` : '';
    const statement = failed?.statement ? `statement ${failed.statement}` : '';
    const state = failed?.sqlstate ? `SQLSTATE ${failed.sqlstate}` : '';
    return [
      `${paint('red', '✗')} ${environment}  ${cluster}/${database}`,
      ...[[place, statement, state].filter(Boolean).join('  '), failed?.message ?? '']
        .filter(Boolean)
        .map((line) => `  ${line}`),
      `  ${failed?.migration ? `${failed.migration} left no trace, ` : ''}${counted(applied.length, 'migration')} before it stand${applied.length === 1 ? 's' : ''}${snapshot ? `, snapshot ${snapshot}` : ''}.`,
    ];
  });
};
