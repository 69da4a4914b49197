import type { z } from 'zod';
import { SlackError } from '../slack-error.ts';

/**
 * The value as the schema has it, or Slack's refusal: the code, and for each fault a sentence with a JSON pointer.
 * The sentences' form is Slack's own, as seen in reported answers; not all of their words are known.
 */
export const check = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  { pointer, code }: { pointer: string; code: string },
): z.output<Schema> => {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new SlackError(
    code,
    result.error.issues.flatMap((issue) =>
      sentences(issue).map((it) => `${it.says} [json-pointer:${pointer}${it.at}]`),
    ),
  );
};

type Issue = z.core.$ZodIssue;

const sentences = (issue: Issue): { says: string; at: string }[] => {
  const at = issue.path.map((it) => `/${String(it)}`).join('');
  const parent = issue.path
    .slice(0, -1)
    .map((it) => `/${String(it)}`)
    .join('');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ says: `invalid additional property: ${key}`, at }));
    case 'invalid_type':
      return issue.input === undefined && issue.path.length > 0
        ? [{ says: `missing required field: ${String(issue.path.at(-1))}`, at: parent }]
        : [{ says: `must provide ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`, at }];
    case 'invalid_union': {
      const given = Object(issue.input).type;
      return [
        given === undefined
          ? { says: 'missing required field: type', at: parent }
          : { says: `unsupported type: ${given}`, at },
      ];
    }
    case 'too_big':
      return [
        issue.origin === 'string'
          ? { says: `must be less than ${Number(issue.maximum) + 1} characters`, at }
          : { says: `no more than ${issue.maximum} ${issue.origin === 'array' ? 'items ' : ''}allowed`, at },
      ];
    case 'too_small':
      return [
        issue.origin === 'string'
          ? { says: `must be more than ${Number(issue.minimum) - 1} characters`, at }
          : { says: `no less than ${issue.minimum} ${issue.origin === 'array' ? 'items ' : ''}allowed`, at },
      ];
    default:
      return [{ says: issue.message, at }];
  }
};
