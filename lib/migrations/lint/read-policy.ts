import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Problem, problemWith } from '../problem.ts';
import { LintPolicy } from './policy.ts';
import { policyProblems } from './policy-problems.ts';

/** The file in a folder of migrations that says how grave rules are, and what is excepted from them. */
const LINT_FILE = 'lint.json';

/** What a folder says about linting the migrations of these numbers; nothing where it has no such file. */
export const readLintPolicy = (folder: string, ids: string[]): { policy?: LintPolicy; problems: Problem[] } => {
  const path = join(folder, LINT_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { problems: [] };
    return { problems: [problemWith(path, `can't be read: ${code ?? message}`, SHAPE)] };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problems: [problemWith(path, `is not JSON: ${(error as Error).message}`, SHAPE)] };
  }
  const problems = [
    ...policyProblems(value),
    ...(value instanceof Object && 'strict' in value ? ['strict: only an environment can be strict, in its lint'] : []),
    ...strangers(value, ids).map((id) => `there is no migration ${id}`),
  ].map((message) => problemWith(path, message, SHAPE));
  return problems.length > 0 ? { problems } : { policy: LintPolicy.parse(value), problems };
};

const strangers = (value: unknown, ids: string[]): string[] => {
  const { since, exceptions = [] } = LintPolicy.safeParse(value).data ?? {};
  const named = [...(since === undefined ? [] : [since]), ...exceptions.map(({ migration }) => migration)];
  return named.filter((id) => !ids.includes(id));
};

const SHAPE =
  'it holds {"rules": {"rename": "error"}, "exceptions": [{"rule": …, "migration": "0042", "reason": …}], "since": "0001"}';
