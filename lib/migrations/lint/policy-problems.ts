import { LintPolicy } from './policy.ts';
import { ruleNamed, ruleNames } from './rules.ts';
import { SQUAWK } from './squawk-rules.ts';

/** What is wrong with a policy, one sentence each. */
export const policyProblems = (value: unknown): string[] => {
  const { data, error } = LintPolicy.safeParse(value);
  if (error) return error.issues.map(({ path, message }) => `${path.join('.') || 'the policy'}: ${message}`);
  const { rules = {}, exceptions = [], strict = [] } = data;
  const named = [...Object.keys(rules), ...exceptions.map((it) => it.rule), ...strict];
  return [...new Set(named)].filter((name) => ruleNamed(name) === undefined).map(unknownRule);
};

const unknownRule = (name: string): string => {
  const { see } = (Object.hasOwn(SQUAWK, name) ? SQUAWK[name] : {}) as { see?: string };
  const instead = see ? `Lockstep’s own ${see} says it` : `there are ${ruleNames().join(', ')}`;
  return `there is no rule ${name}; ${instead}`;
};
