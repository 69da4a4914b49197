import type { StatusChange } from './execution-status-change.ts';
import { isMatch, type Pattern } from './pattern.ts';

export type Rule = {
  arn: string;
  pattern: Pattern;
  /** Functions, where `input` is what they get in place of the event, and other accounts' buses, with a role to send as. */
  targets: { arn: string; input?: string | undefined; roleArn?: string | undefined }[];
};

export type Rules = ReturnType<typeof rules>;

type Targets = {
  invoke(functionArn: string, payload: string, ruleArn: string): void;
  /** Sends the event on to the bus of another account. */
  send(busArn: string, event: StatusChange, roleArn: string): void;
};

/** EventBridge's rules on the default bus: for a target it invokes a function asynchronously, if that permits it. */
export const rules = ({ invoke, send }: Targets) => {
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
        for (const target of targets) {
          if (target.roleArn === undefined) invoke(target.arn, target.input ?? JSON.stringify(told), arn);
          // As on AWS, what has come from another account is not sent on to a third.
          else if (told.account === arn.split(':')[4]) send(target.arn, told, target.roleArn);
        }
      }
    },
  };
};
