import type { StatusChange } from './execution-status-change.ts';
import { isMatch, type Pattern } from './pattern.ts';

export type Rule = {
  arn: string;
  pattern: Pattern;
  /** Functions; `input` is what they get in place of the event. */
  targets: { arn: string; input?: string | undefined }[];
};

export type Rules = ReturnType<typeof rules>;

/** EventBridge's rules on the default bus: for a target it invokes a function asynchronously, if that permits it. */
export const rules = (invoke: (functionArn: string, payload: string, ruleArn: string) => void) => {
  const all = new Map<string, Rule>();
  return {
    put: (rule: Rule) => void all.set(rule.arn, rule),
    remove: (arn: string) => void all.delete(arn),
    /** `event` is asked for only when there is somebody to tell. */
    emit(event: () => StatusChange) {
      if (all.size === 0) return;
      const told = event();
      for (const { arn, pattern, targets } of all.values()) {
        if (!isMatch(pattern, told)) continue;
        for (const target of targets) invoke(target.arn, target.input ?? JSON.stringify(told), arn);
      }
    },
  };
};
