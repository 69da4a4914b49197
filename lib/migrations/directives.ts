import type { Directives } from './bundle.ts';
import type { Problem } from './problem.ts';
import type { Token } from './scan.ts';
import { problemAt, type Source } from './source.ts';

/**
 * Reads what the author asks for in the comment at the head of a file, in lines like
 * `-- lockstep: stepwise, lock-timeout=5s`. What can't be understood is a problem: it must not be passed over.
 * @param tokens all of the file's, comments included
 * @param above where a down begins that shares its file with an up: what is wrong above it is told of the up
 */
export const directives = (
  of: Source,
  tokens: Token[],
  direction: 'up' | 'down',
  above = 0,
): { directives: Directives; problems: Problem[] } => {
  const found: Directives = {};
  const problems: Problem[] = [];
  const head = tokens.findIndex(({ kind }) => kind !== 'comment');
  for (const [index, { kind, start, end }] of tokens.entries()) {
    if (kind !== 'comment') continue;
    const comment = of.body.toString('utf8', start, end);
    const match = LINE.exec(comment);
    if (!match) {
      if (ALMOST.test(comment) && start >= above)
        problems.push(problemAt(of, start, 'this is not how a directive is written', WRITTEN));
      continue;
    }
    if (head >= 0 && index > head) {
      problems.push(problemAt(of, start, 'a directive stands in the comment at the head of a file, not here', MOVE));
      continue;
    }
    const words = [...match[1]!.matchAll(/[^\s,]+/g)];
    if (words.length === 0 && start >= above) problems.push(problemAt(of, start, 'the directive is missing', KNOWN));
    for (const { 0: word, index: place } of words) {
      const told = take(found, word, direction);
      const at = start + Buffer.byteLength(comment.slice(0, comment.length - match[1]!.length + place));
      if (told && start >= above) problems.push(problemAt(of, at, told.message, told.remedy));
    }
  }
  if (found.lockTimeout && found.statementTimeout && found.lockTimeout > found.statementTimeout) {
    const remedy = 'make lock-timeout the shorter one: a statement would be ended while it still may wait';
    problems.push(problemAt(of, above, 'lock-timeout is longer than statement-timeout', remedy));
  }
  return { directives: found, problems };
};

const LINE = /^--[ \t]*lockstep[ \t]*:(.*)$/is;
/** Meant as a directive, but in a block comment or without the colon. */
const ALMOST =
  /^\/\*[\s*]*lockstep[ \t]*:|^(--|\/\*)[\s*]*lockstep\s+(stepwise|out-of-order|lock-timeout|statement-timeout|loses-rows|accepts-drift)\b/i;

const KNOWN =
  'known are stepwise, lock-timeout=5s, statement-timeout=10min (in ms, s, min or h), out-of-order, loses-rows=TABLE and accepts-drift=…';
const WRITTEN = `write it as a line of its own, -- lockstep: …; ${KNOWN}`;
const MOVE = 'move it above the first statement';

const take = (
  found: Directives,
  word: string,
  direction: 'up' | 'down',
): { message: string; remedy: string } | undefined => {
  const [name = '', value] = word.split(/=(.*)/s);
  const field = FIELDS.get(name);
  if (!field) return { message: `${word} is not a directive`, remedy: KNOWN };
  if (field === 'losesRows') return takeTable(found, value, direction);
  if (found[field] !== undefined) return { message: `${name} is said twice`, remedy: 'say it once' };
  if (field === 'stepwise' || field === 'outOfOrder') {
    if (value !== undefined) return { message: `${name} takes no value`, remedy: `write it as ${name}` };
    if (field === 'outOfOrder' && direction === 'down') {
      return { message: 'a down file has no order of its own', remedy: 'say out-of-order in the up file' };
    }
    found[field] = true;
    return undefined;
  }
  if (field === 'acceptsDrift') {
    if (direction === 'down') return { message: 'a down file accepts nothing', remedy: 'say it in the up file' };
    if (!/^[0-9a-f]{64}$/.test(value ?? ''))
      return {
        message: `${word} names no schema`,
        remedy: 'let lockstep drift accept write it: 64 hexadecimal digits',
      };
    found.acceptsDrift = value;
    return undefined;
  }
  const time = milliseconds(value);
  if (time === undefined)
    return { message: `${word} names no time`, remedy: `write it as ${name}=5s, in ms, s, min or h` };
  const [longest, told] = LONGEST[field];
  if (time < 1 || time > longest) {
    return { message: `${word} is no sensible time`, remedy: `it may be from 1ms to ${told}` };
  }
  found[field] = time;
  return undefined;
};

/** May be said once for each table. */
const takeTable = (found: Directives, value: string | undefined, direction: 'up' | 'down') => {
  if (direction === 'down') {
    return { message: 'a down file may take any rows out', remedy: 'say loses-rows in the up file, if at all' };
  }
  if (!value) return { message: 'loses-rows names no table', remedy: 'write it as loses-rows=orders, once for each' };
  found.losesRows = [...new Set([...(found.losesRows ?? []), value])].sort();
  return undefined;
};

const FIELDS = new Map<string, keyof Directives>([
  ['stepwise', 'stepwise'],
  ['lock-timeout', 'lockTimeout'],
  ['statement-timeout', 'statementTimeout'],
  ['out-of-order', 'outOfOrder'],
  ['loses-rows', 'losesRows'],
  ['accepts-drift', 'acceptsDrift'],
]);

const UNITS: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };

/** Waiting for a lock holds up everybody behind; a statement that takes days does not belong in a migration. */
const LONGEST = { lockTimeout: [3_600_000, '1h'], statementTimeout: [72 * 3_600_000, '72h'] } as const;

const milliseconds = (value = ''): number | undefined => {
  const [, digits, unit] = /^(\d{1,12})(ms|s|min|h)$/.exec(value) ?? [];
  return digits && unit ? Number(digits) * UNITS[unit]! : undefined;
};
