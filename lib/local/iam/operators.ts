import { like, likeArn } from './wildcard.ts';

/** One value of a policy, ready to be compared with one of a request. */
type Compare = (wanted: string) => (given: string) => boolean;
export type Operator = { compare: Compare; negated: boolean };

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export const operatorNamed = (name: string): Operator | undefined =>
  Object.hasOwn(operators, name) ? operators[name] : undefined;

const lower =
  (compare: Compare): Compare =>
  (wanted) => {
    const matches = compare(wanted.toLowerCase());
    return (given) => matches(given.toLowerCase());
  };
const equal: Compare = (wanted) => (given) => given === wanted;

/** Compares what both texts stand for; text that stands for nothing matches nothing. */
const by =
  (read: (text: string) => number, holds: (given: number, wanted: number) => boolean): Compare =>
  (text) => {
    const wanted = read(text);
    return (given) => !Number.isNaN(wanted) && !Number.isNaN(read(given)) && holds(read(given), wanted);
  };
/** ISO 8601, or seconds since 1970. */
const moment = (text: string) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));
const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

const is = (compare: Compare): Operator => ({ compare, negated: false });
const isNot = (compare: Compare): Operator => ({ compare, negated: true });

const ordered = (name: string, read: (text: string) => number): Record<string, Operator> => ({
  [`${name}Equals`]: is(by(read, (given, wanted) => given === wanted)),
  [`${name}NotEquals`]: isNot(by(read, (given, wanted) => given === wanted)),
  [`${name}LessThan`]: is(by(read, (given, wanted) => given < wanted)),
  [`${name}LessThanEquals`]: is(by(read, (given, wanted) => given <= wanted)),
  [`${name}GreaterThan`]: is(by(read, (given, wanted) => given > wanted)),
  [`${name}GreaterThanEquals`]: is(by(read, (given, wanted) => given >= wanted)),
});

const operators: Record<string, Operator> = {
  StringEquals: is(equal),
  StringNotEquals: isNot(equal),
  StringEqualsIgnoreCase: is(lower(equal)),
  StringNotEqualsIgnoreCase: isNot(lower(equal)),
  StringLike: is(like),
  StringNotLike: isNot(like),
  // ArnEquals, too, knows wildcards.
  ArnLike: is(likeArn),
  ArnEquals: is(likeArn),
  ArnNotLike: isNot(likeArn),
  ArnNotEquals: isNot(likeArn),
  Bool: is(lower(equal)),
  ...ordered('Numeric', number),
  ...ordered('Date', moment),
};
