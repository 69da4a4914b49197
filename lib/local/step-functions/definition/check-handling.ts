import { checkAssign } from './check-assign.ts';
import type { Check } from './check-machine.ts';
import { checkTemplate } from './check-template.ts';
import { isObject } from './is-object.ts';

type Fields = Record<string, unknown>;

/** The fields of a retrier with what AWS allows in them. */
const RETRIER: Record<string, { is(value: unknown): boolean; what: string }> = {
  ErrorEquals: { is: () => true, what: '' },
  Comment: { is: (it) => typeof it === 'string', what: 'a string' },
  IntervalSeconds: { is: (it) => isInteger(it, 1, 99_999_999), what: 'an integer from 1 to 99999999' },
  MaxAttempts: { is: (it) => isInteger(it, 0, 99_999_999), what: 'an integer from 0 to 99999999' },
  BackoffRate: { is: (it) => typeof it === 'number' && it >= 1, what: 'a number of 1.0 or more' },
  MaxDelaySeconds: { is: (it) => isInteger(it, 1, 31_622_400), what: 'an integer from 1 to 31622400' },
  JitterStrategy: { is: (it) => it === 'FULL' || it === 'NONE', what: 'FULL or NONE' },
};

const isInteger = (value: unknown, least: number, most: number) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

export const checkRetry = (retry: unknown, at: string, check: Check) =>
  eachHandler(retry, `${at}/Retry`, check, (retrier, where) => {
    for (const [field, value] of Object.entries(retrier)) {
      const rule = RETRIER[field];
      if (!rule) check.report(`${where}/${field}`, `Field '${field}' is not supported in a retrier`);
      else if (!rule.is(value)) check.report(`${where}/${field}`, `Expected ${rule.what}`);
    }
  });

export const checkCatch = (catchers: unknown, at: string, check: Check) =>
  eachHandler(catchers, `${at}/Catch`, check, (catcher, where) => {
    for (const field of Object.keys(catcher))
      if (!['ErrorEquals', 'Next', 'Output', 'Assign', 'Comment'].includes(field))
        check.report(`${where}/${field}`, `Field '${field}' is not supported in a catcher of a JSONata state`);
    if (typeof catcher.Next !== 'string') check.report(`${where}/Next`, 'The field Next is required in a catcher');
    if (catcher.Output !== undefined) checkTemplate(catcher.Output, `${where}/Output`, check, ['errorOutput']);
    checkAssign(catcher.Assign, `${where}/Assign`, check, ['errorOutput']);
  });

const eachHandler = (list: unknown, at: string, check: Check, own: (handler: Fields, at: string) => void) => {
  if (list === undefined) return;
  if (!Array.isArray(list)) return check.report(at, 'Expected value of type [ARRAY]');
  for (const [n, handler] of list.entries()) {
    const where = `${at}[${n}]`;
    if (!isObject(handler)) {
      check.report(where, 'Expected value of type [OBJECT]');
      continue;
    }
    checkErrorEquals(handler.ErrorEquals, n === list.length - 1, `${where}/ErrorEquals`, check);
    own(handler, where);
  }
};

const checkErrorEquals = (names: unknown, last: boolean, at: string, check: Check) => {
  if (!Array.isArray(names) || names.length === 0 || names.some((it) => typeof it !== 'string'))
    return check.report(at, 'Expected a non-empty array of error names');
  if (names.includes('States.ALL') && (names.length > 1 || !last))
    check.report(at, `'States.ALL' must appear alone and in the last element of the array`);
};
