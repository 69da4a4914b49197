import {
  InvalidDefinition,
  type Problem,
  parseDefinition,
} from '../../../lib/local/step-functions/definition/definition.ts';

/** What is wrong with a definition, one sentence each. */
export const problems = (definition: unknown) => {
  try {
    parseDefinition(typeof definition === 'string' ? definition : JSON.stringify(definition));
    return [];
  } catch (thrown) {
    if (!(thrown instanceof InvalidDefinition)) throw thrown;
    return (thrown.details as { problems: Problem[] }).problems.map(
      ({ code, message, at }) => `${code}: ${message} at ${at}`,
    );
  }
};

/** A machine of state A and maybe others. */
export const machine = (state: object, others: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'A',
  States: { A: state, ...others },
});

export const distributed = (ExecutionType: string, state: object) => ({
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
  StartAt: 'I',
  States: { I: state },
});

export const pass = { Type: 'Pass', End: true };
