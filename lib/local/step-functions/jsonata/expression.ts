import jsonata from 'jsonata';
import type { Clock } from '../../clock.ts';
import type { Json } from '../asl.ts';
import { addAwsFunctions } from './aws-functions.ts';

/** What an expression came to: `nothing` is JSONata's undefined, which Step Functions never accepts. */
export type Evaluated =
  | { kind: 'value'; value: Json }
  | { kind: 'nothing' }
  | { kind: 'unsupported' }
  | { kind: 'error'; code: string | undefined; message: string };

export type Evaluate = (text: string, bindings: Record<string, unknown>) => Promise<Evaluated>;

/** Is the string JSONata? By Step Functions' rule nothing may stand outside of the signs, not even a space. */
export const isExpression = (text: string) => text.startsWith('{%') && text.endsWith('%}') && text.length >= 4;
export const expressionText = (text: string) => text.slice(2, -2).trim();

/** Longest time one evaluation may take, and deepest nesting it may reach. */
const MILLISECONDS = 1000;
const DEPTH = 100;

/** An evaluator of JSONata as Step Functions runs it. Compiled expressions are kept for the next time. */
export const evaluator = (clock: Clock): Evaluate => {
  const compiled = new Map<string, jsonata.Expression>();
  const compile = (text: string) => {
    const known = compiled.get(text);
    if (known) return known;
    const expression = jsonata(text);
    addAwsFunctions(expression, clock);
    watch(expression);
    compiled.set(text, expression);
    return expression;
  };
  return async (text, bindings) => {
    try {
      const budget: Budget = { until: performance.now() + MILLISECONDS, depth: 0 };
      return plain(await compile(text).evaluate(undefined, { ...bindings, [BUDGET]: budget }));
    } catch (thrown) {
      const { code, message } = thrown as { code?: string; message?: string };
      return { kind: 'error', code, message: message ?? String(thrown) };
    }
  };
};

type Budget = { until: number; depth: number };

/** Where an evaluation's budget stands among its variables; no expression can name it. */
const BUDGET = 'evaluation budget';

/** Uses the hooks that JSONata calls around each evaluation of a node. */
const watch = (expression: jsonata.Expression) => {
  const assign = expression.assign as (name: string | symbol, value: unknown) => void;
  assign(Symbol.for('jsonata.__evaluate_entry'), (_: unknown, __: unknown, environment: jsonata.Environment) => {
    const budget: Budget = environment.lookup(BUDGET);
    budget.depth += 1;
    if (budget.depth > DEPTH)
      throw new Error(
        'Stack overflow error: Check for non-terminating recursive function. ' +
          `Consider rewriting as tail-recursive. Depth=${budget.depth} max=${DEPTH}`,
      );
    if (performance.now() > budget.until) throw new Error('Expression evaluation timeout: Check for infinite loop');
  });
  assign(Symbol.for('jsonata.__evaluate_exit'), (_: unknown, __: unknown, environment: jsonata.Environment) => {
    environment.lookup(BUDGET).depth -= 1;
  });
};

/** JSONata's arrays carry marks of its own (`sequence`, `keepSingleton`); what leaves here is plain JSON. */
const plain = (result: unknown): Evaluated => {
  if (result === undefined) return { kind: 'nothing' };
  if (isFunction(result)) return { kind: 'unsupported' };
  const text = JSON.stringify(result, (_, value) => {
    if (isFunction(value)) throw new Error('A function is not a value that JSON can hold');
    // JSON has no such numbers; AWS writes them as the strings by which JavaScript calls them.
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
  return text === undefined ? { kind: 'unsupported' } : { kind: 'value', value: JSON.parse(text) };
};

const isFunction = (value: unknown) =>
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value));
