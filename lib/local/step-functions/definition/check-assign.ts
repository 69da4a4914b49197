import type { Check } from './check-machine.ts';
import { checkTemplate, type Readable } from './check-template.ts';
import { isObject } from './is-object.ts';

/** UAX 31 with a length of 80 at most, without the one reserved name. */
const VARIABLE = /^[\p{ID_Start}][\p{ID_Continue}]{0,79}$/u;

export const checkAssign = (assign: unknown, at: string, check: Check, readable: Readable) => {
  if (assign === undefined) return;
  if (!isObject(assign)) return check.report(at, 'Expected value of type [OBJECT]');
  for (const name of Object.keys(assign)) {
    if (!VARIABLE.test(name) || name === 'states')
      check.report(`${at}/${name}`, `'${name}' is not a valid variable name`);
    if (check.outerVariables.has(name))
      check.report(`${at}/${name}`, `The variable '${name}' is already assigned in an outer scope`);
  }
  checkTemplate(assign, at, check, readable);
};
