import type { Choice } from '../asl.ts';
import { evaluateAs } from '../jsonata/evaluate.ts';
import { inState, runtimeError } from '../state-error.ts';
import { compute, leave, type Step, type Visit } from '../visit.ts';

/**
 * Follows the first rule whose condition is true; the state's own Output and Assign count only on the way to Default.
 * Without a match and a Default, AWS fails with States.Runtime where the language's specification says
 * States.NoChoiceMatched: no Catch around it can help.
 */
export const chooseNext = async (visit: Visit<Choice>): Promise<Step> => {
  const { Choices, Default } = visit.state;
  for (const [n, rule] of Choices.entries()) {
    const matched =
      typeof rule.Condition === 'boolean'
        ? rule.Condition
        : await evaluateAs(visit, `Choices[${n}]/Condition`, rule.Condition, 'boolean');
    if (matched) return leave(visit, await compute(visit, rule, visit.input, { prefix: `Choices[${n}]/` }), rule.Next);
  }
  if (Default !== undefined) return leave(visit, await compute(visit, visit.state, visit.input), Default);
  throw runtimeError(
    inState(visit, 'Failed to transition out of the state. The state does not point to a next state.'),
  );
};
