import { FIELDS, type StateType } from '../asl.ts';
import { isExpression } from '../jsonata/expression.ts';
import { isTimestamp } from '../states/wait-state.ts';
import { checkAssign } from './check-assign.ts';
import { checkCatch, checkRetry } from './check-handling.ts';
import { type Check, checkMachine } from './check-machine.ts';
import { checkMap } from './check-map.ts';
import { checkTask } from './check-task.ts';
import { checkNumber, checkTemplate, type Readable } from './check-template.ts';
import { isObject } from './is-object.ts';

type Fields = Record<string, unknown>;

/** Checks one state by itself. `inner` is what the states inside of it start from. */
export const checkState = (state: Fields, at: string, check: Check, inner: Check) => {
  const type = state.Type as StateType;
  if (!Object.hasOwn(FIELDS, type))
    return check.report(`${at}/Type`, `The state type ${JSON.stringify(type)} is not supported`);
  if (!checkLanguage(state, at, check)) return;
  for (const field of Object.keys(state)) if (!FIELDS[type].includes(field)) refuse(field, type, at, check);
  if (FIELDS[type].includes('Next')) checkFlow(state, at, check);
  const after: Readable = ['Task', 'Parallel', 'Map'].includes(type) ? ['result'] : [];
  if (state.Output !== undefined) checkTemplate(state.Output, `${at}/Output`, check, after);
  if (FIELDS[type].includes('Assign')) checkAssign(state.Assign, `${at}/Assign`, check, after);
  if (FIELDS[type].includes('Retry')) checkRetry(state.Retry, at, check);
  if (FIELDS[type].includes('Catch')) checkCatch(state.Catch, at, check);
  own[type]?.(state, at, check, inner);
};

const own: Partial<Record<StateType, (state: Fields, at: string, check: Check, inner: Check) => void>> = {
  Task: checkTask,
  Map: checkMap,
  Choice(state, at, check) {
    if (!Array.isArray(state.Choices) || state.Choices.length === 0)
      return check.report(`${at}/Choices`, 'Expected a non-empty array of choice rules');
    for (const [n, rule] of state.Choices.entries()) checkRule(rule, `${at}/Choices[${n}]`, check);
  },
  Wait(state, at, check) {
    if ((state.Seconds === undefined) === (state.Timestamp === undefined))
      return check.report(at, 'Exactly one of these fields is required: [Seconds, Timestamp]');
    if (state.Seconds !== undefined) checkNumber(state.Seconds, `${at}/Seconds`, check, 0);
    if (state.Timestamp === undefined) return;
    if (typeof state.Timestamp !== 'string') return check.report(`${at}/Timestamp`, 'Expected value of type [STRING]');
    checkTemplate(state.Timestamp, `${at}/Timestamp`, check);
    if (!isExpression(state.Timestamp) && !isTimestamp(state.Timestamp))
      check.report(`${at}/Timestamp`, 'String does not match RFC3339 timestamp');
  },
  Fail(state, at, check) {
    for (const field of ['Error', 'Cause']) {
      const value = state[field];
      if (value === undefined) continue;
      if (typeof value === 'string') checkTemplate(value, `${at}/${field}`, check);
      else check.report(`${at}/${field}`, 'Expected value of type [STRING]');
    }
  },
  Parallel(state, at, check, inner) {
    if (state.Arguments !== undefined) checkTemplate(state.Arguments, `${at}/Arguments`, check);
    if (!Array.isArray(state.Branches) || state.Branches.length === 0)
      return check.report(`${at}/Branches`, 'Expected a non-empty array of branches');
    for (const [n, it] of state.Branches.entries()) {
      if (isObject(it)) checkMachine(it, `${at}/Branches[${n}]`, inner, ['Comment']);
      else check.report(`${at}/Branches[${n}]`, 'Expected value of type [OBJECT]');
    }
  },
};

const checkLanguage = (state: Fields, at: string, check: Check) => {
  const { QueryLanguage: language } = state;
  if (language !== undefined && language !== 'JSONPath' && language !== 'JSONata') {
    check.report(`${at}/QueryLanguage`, 'Value should be one of the following: [JSONPath, JSONata]');
    return false;
  }
  if (language === 'JSONata' || (language === undefined && check.jsonata)) return true;
  const message =
    check.jsonata && language === 'JSONPath'
      ? `'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine`
      : `The query language of this state is JSONPath, which the local Step Functions does not support: set 'QueryLanguage' to 'JSONata' here or for the whole state machine`;
  check.report(`${at}/QueryLanguage`, message);
  return false;
};

/** Fields that only states in JSONPath have. */
const JSONPATH =
  /^(InputPath|OutputPath|ResultPath|Parameters|ResultSelector|Result|ItemsPath|Iterator|.*Path|Variable|.*\.\$)$/;

const refuse = (field: string, type: StateType, at: string, check: Check) => {
  if (JSONPATH.test(field))
    check.report(
      `${at}/${field}`,
      `The QueryLanguage is set to 'JSONata', but field '${field}' is only supported for the 'JSONPath' QueryLanguage`,
    );
  else check.report(`${at}/${field}`, `Field '${field}' is not supported in a state of type ${type}`);
};

const checkFlow = (state: Fields, at: string, check: Check) => {
  if (state.Next !== undefined && typeof state.Next !== 'string')
    check.report(`${at}/Next`, 'Expected value of type [STRING]');
  if (state.End !== undefined && typeof state.End !== 'boolean')
    check.report(`${at}/End`, 'Expected value of type [BOOLEAN]');
  if ((state.Next === undefined) === (state.End !== true))
    check.report(at, `Exactly one of these fields is required: [Next, End: true]`);
};

const checkRule = (rule: unknown, at: string, check: Check) => {
  if (!isObject(rule)) return check.report(at, 'Expected value of type [OBJECT]');
  for (const field of Object.keys(rule))
    if (!['Condition', 'Next', 'Assign', 'Output', 'Comment'].includes(field)) refuse(field, 'Choice', at, check);
  if (typeof rule.Next !== 'string') check.report(`${at}/Next`, 'The field Next is required in a choice rule');
  if (typeof rule.Condition === 'string' && isExpression(rule.Condition))
    checkTemplate(rule.Condition, `${at}/Condition`, check);
  else if (typeof rule.Condition !== 'boolean')
    check.report(`${at}/Condition`, 'Expected a JSONata expression or a boolean');
  if (rule.Output !== undefined) checkTemplate(rule.Output, `${at}/Output`, check);
  checkAssign(rule.Assign, `${at}/Assign`, check, []);
};
