import type { Statement } from '../bundle.ts';
import type { Problem } from '../problem.ts';
import type { Token } from '../scan.ts';
import { position, problemAt, type Source } from '../source.ts';
import type { Exception } from './found.ts';
import { ruleNamed } from './rules.ts';

/**
 * Reads what the author excepts from the rules, in comments like `-- lockstep allow drop-column: nothing reads it`.
 * Such a comment is about the statement that it stands in, behind in the same line, or before.
 * @param tokens all of the file's, comments included
 * @param above where a down begins that shares its file with an up: what stands above it is the up's
 */
export const exceptions = (
  of: Source,
  tokens: Token[],
  statements: Statement[],
  { direction, above = 0 }: { direction: 'up' | 'down'; above?: number },
): { exceptions: Exception[]; problems: Problem[] } => {
  const exceptions: Exception[] = [];
  const problems: Problem[] = [];
  for (const { kind, start, end } of tokens) {
    if (kind !== 'comment' || start < above) continue;
    const comment = of.body.toString('utf8', start, end);
    const [, names = '', reason = ''] = WRITTEN.exec(comment) ?? [];
    if (names === '') {
      if (ALMOST.test(comment)) problems.push(problemAt(of, start, 'this is not how an exception is written', HOW));
      continue;
    }
    const statement = meant(of, statements, start);
    const rules = names.split(/[\s,]+/).filter((name) => name !== '');
    const unknown = rules.find((name) => ruleNamed(name) === undefined);
    if (reason.trim() === '') problems.push(problemAt(of, start, 'an exception needs a reason', HOW));
    else if (reason.length > MOST_REASON)
      problems.push(problemAt(of, start, 'the reason is too long', 'say it in 500 characters'));
    else if (unknown !== undefined) problems.push(problemAt(of, start, `there is no rule ${unknown}`, LIST));
    else if (statement < 0)
      problems.push(
        problemAt(of, start, 'no statement stands behind this', 'put it before the statement that it is about'),
      );
    else {
      const { line } = position(of, start);
      const told = { ...(direction === 'down' && { direction }), statement, line, reason: reason.trim() };
      exceptions.push(...rules.map((rule) => ({ rule, ...told })));
    }
  }
  return { exceptions, problems };
};

const WRITTEN = /^--[ \t]*lockstep[ \t]+allow[ \t]+([a-z][a-z, \t-]*?)[ \t]*(?::(.*))?$/is;
const ALMOST = /^(--|\/\*)[\s*]*lockstep\s*:?\s*(allow|ignore|disable)\b/i;
const HOW = 'write it as a line of its own, -- lockstep allow drop-column: nothing has read it since March';
const LIST = 'lockstep check --rules lists them all';
const MOST_REASON = 500;

/** Index of the statement that a comment at this byte is about; -1 where none is left. */
const meant = (of: Source, statements: Statement[], start: number): number => {
  const at = of.mark + start;
  const { line } = position(of, start);
  const ends = statements.map(({ offset, length }) => offset + length);
  const inLine = statements.findLastIndex(
    (_, index) => ends[index]! <= at && position(of, ends[index]! - of.mark).line === line,
  );
  return inLine >= 0 ? inLine : ends.findIndex((end) => end > at);
};
