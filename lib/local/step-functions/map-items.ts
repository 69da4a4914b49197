import type { Json, MapState } from './asl.ts';
import { evaluateAs, evaluateTemplate, evaluationFailed } from './jsonata/evaluate.ts';
import type { Visit } from './visit.ts';

/** The array that Items comes to, or the state's input. AWS was seen to refuse objects here; so are they here. */
export const itemsOf = async (visit: Visit<MapState>): Promise<Json[]> => {
  const { Items } = visit.state;
  if (Items !== undefined) return evaluateAs(visit, 'Items', Items, 'array');
  if (Array.isArray(visit.input)) return visit.input;
  throw evaluationFailed(visit, undefined, `Map state input must be an array but was: ${JSON.stringify(visit.input)}`);
};

/** What one iteration gets: the item, or what ItemSelector makes of it. */
export const selectItem = (visit: Visit<MapState>, value: Json, index: number, source: string) => {
  const { ItemSelector } = visit.state;
  if (ItemSelector === undefined) return value;
  return evaluateTemplate(visit, 'ItemSelector', ItemSelector, {
    item: { Index: index, Value: value, Source: source },
  });
};

/** As `$states.context.Map.Item.Source` calls items that don't come from S3. */
export const STATE_DATA = 'STATE_DATA';

const COUNT = { is: (value: number) => Number.isInteger(value) && value >= 0, what: 'an integer of 0 or more' };

export const countField = async (visit: Visit<MapState>, field: 'MaxConcurrency' | 'ToleratedFailureCount') => {
  const template = visit.state[field];
  return template === undefined ? undefined : evaluateAs(visit, field, template, 'number', { allowed: COUNT });
};

const PERCENTAGE = { is: (value: number) => value >= 0 && value <= 100, what: 'a number from 0 to 100' };

export const percentageField = async (visit: Visit<MapState>) => {
  const template = visit.state.ToleratedFailurePercentage;
  if (template === undefined) return undefined;
  return evaluateAs(visit, 'ToleratedFailurePercentage', template, 'number', { allowed: PERCENTAGE });
};
