import type { Json, JsonObject, Template } from '../asl.ts';
import { inState, StateError } from '../state-error.ts';
import { visibleVariables } from '../variables.ts';
import { record, type Visit } from '../visit.ts';
import { type Evaluated, expressionText, isExpression } from './expression.ts';

/** What a field may use beside the state's input, variables and context. */
export type EvaluationInput = {
  result?: Json;
  errorOutput?: JsonObject;
  item?: { Index: number; Value: Json; Source: string };
};

/** Replaces every expression in a JSON value, however deep, by what it evaluates to. */
export const evaluateTemplate = async (
  visit: Visit,
  field: string,
  template: Template,
  given: EvaluationInput = {},
): Promise<Json> => {
  if (typeof template === 'string') return isExpression(template) ? evaluate(visit, field, template, given) : template;
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [n, item] of template.entries())
      items.push(await evaluateTemplate(visit, `${field}[${n}]`, item, given));
    return items;
  }
  return evaluateAssign(visit, field, template, given);
};

/** As evaluateTemplate, for what is an object by its nature. */
export const evaluateAssign = async (
  visit: Visit,
  field: string,
  template: JsonObject,
  given: EvaluationInput = {},
) => {
  const values: JsonObject = {};
  for (const [key, value] of Object.entries(template))
    values[key] = await evaluateTemplate(visit, `${field}/${key}`, value, given);
  return values;
};

/** A field that must come to one type of value, and maybe to certain values of it. */
export const evaluateAs = async <Type extends keyof Types>(
  visit: Visit,
  field: string,
  template: Template,
  type: Type,
  { given, allowed }: { given?: EvaluationInput; allowed?: { is(value: Types[Type]): boolean; what: string } } = {},
): Promise<Types[Type]> => {
  const value = await evaluateTemplate(visit, field, template, given);
  const found = typeOf(value);
  if (found !== type)
    throw evaluationFailed(
      visit,
      field,
      `${subject(template, field)} returned an unexpected result type. Expected '${type}', but was '${found}' for value: ${JSON.stringify(value)}`,
    );
  const typed = value as Types[Type];
  if (allowed && !allowed.is(typed))
    throw evaluationFailed(
      visit,
      field,
      `${subject(template, field)} returned ${JSON.stringify(value)}, which is not ${allowed.what}.`,
    );
  return typed;
};

type Types = { number: number; string: string; boolean: boolean; array: Json[]; object: JsonObject };

/** Records that a field could not be evaluated, and makes the error for it. */
export const evaluationFailed = (visit: Visit, location: string | undefined, sentence: string) => {
  const cause = inState(visit, sentence);
  const error = 'States.QueryEvaluationError';
  record(visit.thread, 'EvaluationFailed', { error, cause, ...(location && { location }), state: visit.name });
  return new StateError(error, cause);
};

const evaluate = async (visit: Visit, field: string, template: string, given: EvaluationInput) => {
  const bindings = { ...visibleVariables(visit.thread.scope), states: states(visit, given) };
  const evaluated = await visit.thread.engine.evaluate(expressionText(template), bindings);
  if (evaluated.kind === 'value') return evaluated.value;
  throw evaluationFailed(visit, field, `${subject(template, field)} ${complaint(evaluated)}`);
};

/** The one reserved variable. */
const states = (visit: Visit, { result, errorOutput, item }: EvaluationInput): JsonObject => ({
  input: visit.input,
  context: context(visit, item),
  ...(result !== undefined && { result }),
  ...(errorOutput && { errorOutput }),
});

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
const context = (visit: Visit, item: EvaluationInput['item']): JsonObject => {
  const { arn, name, input, stateMachine, startDate, mapRun, redriveCount, redriveDate } = visit.thread.execution;
  const label = mapRun ? `/${mapRun.label}` : '';
  return {
    Execution: {
      Id: arn,
      Input: input,
      Name: name,
      RoleArn: stateMachine.roleArn,
      StartTime: startDate.toISOString(),
      RedriveCount: redriveCount,
      ...(redriveDate && { RedriveTime: redriveDate.toISOString() }),
    },
    State: { EnteredTime: visit.enteredAt.toISOString(), Name: visit.name, RetryCount: visit.retries },
    StateMachine: { Id: stateMachine.arn + label, Name: stateMachine.name + label },
    ...(visit.token && { Task: { Token: visit.token } }),
    ...(item && { Map: { Item: item } }),
  };
};

const subject = (template: Template, field: string) =>
  typeof template === 'string' && isExpression(template)
    ? `The JSONata expression '${expressionText(template)}' specified for the field '${field}'`
    : `The value specified for the field '${field}'`;

const complaint = (evaluated: Exclude<Evaluated, { kind: 'value' }>) => {
  if (evaluated.kind === 'nothing') return 'returned nothing (undefined).';
  if (evaluated.kind === 'unsupported') return 'returned an unsupported result type.';
  const { code, message } = evaluated;
  return `threw an error during evaluation${code ? `. ${code}: ` : ': '}${message}`;
};

const typeOf = (value: Json) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
