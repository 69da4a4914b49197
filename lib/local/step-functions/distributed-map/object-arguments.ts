import type { JsonObject, Template } from '../asl.ts';
import { evaluateTemplate, evaluationFailed } from '../jsonata/evaluate.ts';
import type { Visit } from '../visit.ts';

/** Evaluates the Arguments of ItemReader or ResultWriter: strings all, the first of them required. */
export const objectArguments = async <Required extends string, Optional extends string>(
  visit: Visit,
  field: string,
  template: Template,
  required: Required[],
  optional: Optional[],
): Promise<Record<Required, string> & Partial<Record<Optional, string>>> => {
  const value = await evaluateTemplate(visit, field, template);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw evaluationFailed(visit, field, `The value specified for the field '${field}' is not an object.`);
  check(visit, field, value, required, optional);
  return value as Record<Required, string> & Partial<Record<Optional, string>>;
};

const check = (visit: Visit, field: string, value: JsonObject, required: string[], optional: string[]) => {
  for (const name of required)
    if (!(name in value))
      throw evaluationFailed(visit, field, `The field '${field}/${name}' is required but was missing.`);
  for (const [name, it] of Object.entries(value)) {
    if (![...required, ...optional].includes(name))
      throw evaluationFailed(
        visit,
        field,
        `The field '${field}/${name}' is not supported by the local Step Functions.`,
      );
    if (typeof it !== 'string')
      throw evaluationFailed(
        visit,
        field,
        `The field '${field}/${name}' must be a string but was: ${JSON.stringify(it)}`,
      );
  }
};
