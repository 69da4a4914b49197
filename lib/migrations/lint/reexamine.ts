import { failure } from '../../failure.ts';
import type { Bundle, Migration, Statement } from '../bundle.ts';
import { runsInTransaction, type Surroundings, surroundings } from '../classify.ts';
import { canonical } from '../digest.ts';
import { selectInto } from '../select-into.ts';
import { settlement } from '../settlement.ts';
import { type Source, source } from '../source.ts';
import { type Part, split } from '../split.ts';
import { touches } from '../touches.ts';
import { unfit } from '../verify-files.ts';
import { wire } from '../wire.ts';
import { ownFindings } from './find.ts';
import { type Found, LINT_VERSION } from './found.ts';
import { ruleNamed } from './rules.ts';
import { SQUAWK } from './squawk-rules.ts';

/** A bundle tells something of its statements that they don't show; nothing was touched. */
export const BundleForged = failure(
  'BundleForged',
  (it: { digest: string; differences: string[] }) =>
    `The bundle ${it.digest} says of its SQL what the SQL does not show: ${it.differences.slice(0, 10).join('; ')}. Build it again from the files, with the version of Lockstep that runs it.`,
);

/**
 * Makes once more, from the SQL of a bundle, what whoever built it says of it: what each statement is, what is executed
 * in its place, that its checks only look, and what Lockstep's own rules find. Gives the bundle with those findings; squawk's stay as they are said.
 * Needs the parser loaded.
 * @throws BundleForged
 */
export const reexamined = (bundle: Bundle, digest: string): Bundle => {
  const all = bundle.migrations.flatMap(directions);
  const read = new Map(all.flatMap(({ statements }) => statements.map((it) => [it, readAgain(it)] as const)));
  const sound = [...read.values()].flatMap((it) => it.part ?? []);
  const around = surroundings(sound);
  const differences = all.flatMap(({ file, statements }) =>
    statements.flatMap((it) => untrue(it, read.get(it)!, around).map((what) => `${file}:${it.line} ${what}`)),
  );
  const forged = (bundle.verify ?? []).filter(({ sql }) => !isCheck(readAgain({ sql })));
  differences.push(...forged.map(({ file }) => `${file} is not one query that only looks`));
  if (differences.length > 0) throw new BundleForged({ digest, differences });

  const found = ownFindings(bundle.migrations);
  // Another version has other rules, and what it found is not looked at.
  const sameRules = bundle.lint?.version === LINT_VERSION;
  const silent = bundle.migrations.filter(
    ({ lint }, at) => sameRules && canonical(lint?.own ?? []) !== canonical(found[at]),
  );
  if (silent.length > 0) {
    throw new BundleForged({
      digest,
      differences: silent.map(({ file }) => `${file}: other findings than its rules make`),
    });
  }
  return { ...bundle, migrations: bundle.migrations.map((it, at) => withFindings(it, found[at]!)) };
};

const directions = ({ file, up, down }: Migration): { file: string; statements: Statement[] }[] => [
  { file, statements: up },
  ...(down ? [{ file: down.file, statements: down.statements }] : []),
];

type Read = { source: Source; part?: Part };

const isCheck = ({ source, part }: Read): boolean => part !== undefined && unfit(source, part).length === 0;

const readAgain = ({ sql }: Pick<Statement, 'sql'>): Read => {
  const of = source('', '', Buffer.from(sql));
  const { parts, problems } = split(of);
  const [part] = parts;
  return problems.length === 0 && parts.length === 1 && part?.sql === sql ? { source: of, part } : { source: of };
};

/** What a statement says of itself that its text does not show. */
const untrue = (it: Statement, { source, part }: Read, around: Surroundings): string[] => {
  if (!part) return ['is not one statement'];
  if (part.kind !== it.kind) return [`is ${part.kind}, not ${it.kind}`];
  if (runsInTransaction(part, around) !== it.transactional)
    return [`runs ${it.transactional ? 'outside of transactions alone' : 'in a transaction'}`];
  const alone = it.transactional ? null : wire(source, part, around.indexNames);
  if (alone && alone.problems.length > 0) return [alone.problems[0]!.message];
  if ((alone ? alone.wire : selectInto(part)) !== it.wire) return ['executes something else than is shown'];
  if (canonical(touches(part)) !== canonical(it.touches ?? [])) return ['touches other tables than it says'];
  const settles = it.transactional ? undefined : settlement(part, around.indexNames);
  return canonical(settles ?? null) === canonical(it.settles ?? null)
    ? []
    : ['is told to have taken effect by other signs'];
};

/** What squawk is said to have found counts by its rules alone. */
const withFindings = (migration: Migration, own: Found[]): Migration => {
  const squawk = migration.lint?.squawk?.filter(({ rule }) => Object.hasOwn(SQUAWK, rule) && ruleNamed(rule));
  return { ...migration, lint: { ...migration.lint, own, ...(squawk && { squawk }) } };
};
