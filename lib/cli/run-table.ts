import type { Bundle } from '../migrations/bundle.ts';
import type { EnvironmentResult } from './environment-result.ts';
import { painter } from './output.ts';
import { counted, table } from './words.ts';

/** Environments × databases × versions, and what went wrong where. */
export const runTable = (results: EnvironmentResult[], { migrations }: Bundle, colours: boolean): string => {
  const newest = migrations.at(-1)?.id ?? '';
  const stepwise = new Set(migrations.filter(({ mode }) => mode === 'stepwise').map(({ id }) => id));
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
  const failures = results.flatMap((result) => explain(result, stepwise, paint));
  return [paint('dim', head), ...lines, ...(failures.length > 0 ? ['', ...failures] : [])].join('\n');
};

/** The newest migration that a database has. */
const version = ({ pending, failed }: EnvironmentResult['databases'][number], newest: string): string => {
  if (failed) return 'failed';
  return pending.length === 0 ? newest : `before ${pending[0]}`;
};

const explain = (
  { environment, status, failure, databases }: EnvironmentResult,
  stepwise: ReadonlySet<string>,
  paint: ReturnType<typeof painter>,
): string[] => {
  if (status === 'SUCCEEDED') return [];
  const failed = databases.filter((it) => it.failed !== null);
  if (failed.length === 0) return [`${paint('red', '✗')} ${environment}: ${failure?.error}: ${failure?.cause}`];
  return failed.flatMap((it) => [
    `${paint('red', '✗')} ${environment}  ${it.cluster}/${it.database}`,
    ...(place(it.failed) === '' ? [] : [`  ${place(it.failed)}`]),
    `  ${it.failed?.message}`,
    `  ${whatStands(it, stepwise)}`,
  ]);
};

const place = (failed: Failed): string => {
  const file = failed?.file ? `${failed.file}${failed.line === null ? '' : `:${failed.line}`}` : '';
  const statement = failed?.statement ? `statement ${failed.statement}` : '';
  const state = failed?.sqlstate ? `SQLSTATE ${failed.sqlstate}` : '';
  return [file, statement, state].filter((part) => part !== '').join('  ');
};

type Failed = EnvironmentResult['databases'][number]['failed'];

const whatStands = (
  { failed, applied, snapshot }: EnvironmentResult['databases'][number],
  stepwise: ReadonlySet<string>,
): string => {
  const parts = [];
  if (failed?.migration) {
    const { migration } = failed;
    parts.push(
      stepwise.has(migration)
        ? `${migration} is stepwise: its statements before that one stand`
        : `${migration} left no trace`,
    );
  }
  parts.push(
    `${counted(applied.length, 'migration')} applied by this run before it stand${applied.length === 1 ? 's' : ''}`,
  );
  if (snapshot) parts.push(`snapshot ${snapshot}`);
  return `${parts.join('; ')}.`;
};
