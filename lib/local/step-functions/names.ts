/**
 * Is it a name for a state machine or an execution? At most 80 characters, without whitespace, wildcards, brackets,
 * the special characters of the quota page and control characters.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const isName = (name: string) => name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name);

/** Is it a Label for a distributed map? As a name, but of at most 40 characters. */
export const isLabel = (label: string) => label.length >= 1 && label.length <= 40 && !FORBIDDEN.test(label);

const FORBIDDEN = /[\s?*<>{}[\]"#%\\^|~`$&,;:/\p{Cc}]/u;
