import type { Bundle, Migration } from '../bundle.ts';
import type { Exception, Found } from './found.ts';
import type { LintPolicy } from './policy.ts';
import { ruleNamed, type Severity, saidOf } from './rules.ts';

/** What a rule has found, and what it counts for here. */
export type Finding = Found & {
  severity: Exclude<Severity, 'off'>;
  migration: string;
  /** The up or down file's name, relative to the folder. */
  file: string;
  why: string;
  rewrite: string;
  /** Set where somebody has excepted it, by whichever of these; it does not count then. */
  excepted?: { by: 'comment' | 'lint.json' | 'environment'; reason: string };
};

/**
 * Weighs what was found by the folder's policy and, which has the last word, the environment's: to its rules the folder's
 * say nothing, and begin with no later migration. What is switched off is left out.
 */
export const judge = (
  { migrations, lint }: Pick<Bundle, 'migrations' | 'lint'>,
  environment: LintPolicy = {},
): Finding[] => {
  const folder = lint?.policy ?? {};
  const since = migrations.findIndex(({ id }) => id === folder.since);
  return migrations.flatMap((migration, at) => {
    const { own = [], squawk = [] } = migration.lint ?? {};
    const found = [...own, ...squawk, ...wayBack(migration), ...unused(migration)];
    return found.flatMap((it) => {
      const strict = environment.strict?.includes(it.rule) === true;
      const said = environment.rules?.[it.rule];
      if (at < since && !strict && said === undefined) return [];
      const softer = strict ? undefined : folder.rules?.[it.rule];
      const severity = said ?? softer ?? ruleNamed(it.rule)?.severity ?? 'off';
      if (severity === 'off') return [];
      const file = it.direction === 'down' ? (migration.down?.file ?? migration.file) : migration.file;
      const excepted = exceptionOf(it, migration, { folder, environment });
      return [{ ...it, severity, migration: migration.id, file, ...saidOf(it), ...(excepted && { excepted }) }];
    });
  });
};

/** How many count, by severity, and how many are excepted. */
export const tally = (findings: Pick<Finding, 'severity' | 'excepted'>[]) => {
  const counting = findings.filter(({ excepted }) => excepted === undefined);
  const of = (severity: Severity) => counting.filter((it) => it.severity === severity).length;
  return {
    errors: of('error'),
    warnings: of('warning'),
    infos: of('info'),
    excepted: findings.length - counting.length,
  };
};

const exceptionOf = (
  it: Found,
  { id, lint }: Migration,
  { folder, environment }: Record<'folder' | 'environment', LintPolicy>,
): Finding['excepted'] => {
  const named = (policy: LintPolicy) =>
    policy.exceptions?.find(({ rule, migration }) => rule === it.rule && migration === id);
  const said = named(environment);
  if (said) return { by: 'environment', reason: said.reason };
  if (environment.strict?.includes(it.rule)) return undefined;
  const comment = lint?.exceptions?.find((one) => covers(one, it));
  if (comment) return { by: 'comment', reason: comment.reason };
  const declared = named(folder);
  return declared && { by: 'lint.json', reason: declared.reason };
};

/** What is found of a migration as a whole can be excepted at any of its statements. */
const covers = (exception: Exception, { rule, statement, direction }: Found): boolean =>
  exception.rule === rule &&
  exception.direction === direction &&
  (statement === undefined || exception.statement === statement);

const wayBack = ({ down }: Migration): Found[] => (down ? [] : [{ rule: 'missing-down', line: 1, column: 1 }]);

const unused = (migration: Migration): Found[] => {
  const { own = [], squawk = [], exceptions = [] } = migration.lint ?? {};
  const found = [...own, ...squawk, ...wayBack(migration)];
  return exceptions
    .filter((exception) => !found.some((it) => covers(exception, it)))
    .map(({ rule, direction, statement, line }) => ({
      ...{ rule: 'unused-exception', statement, line, column: 1, of: rule },
      ...(direction && { direction }),
    }));
};
