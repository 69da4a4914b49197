/** IAM's wildcards in text: `*` is any run of characters, `?` any one. */
export const like = (pattern: string): ((text: string) => boolean) => {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  const expression = new RegExp(`^${escaped(pattern).replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  return (text) => expression.test(text);
};

/**
 * A pattern in `Resource`: letter case counts, and a wildcard keeps to its segment between two colons, but for a `*` that
 * ends its segment. An ARN of fewer than six parts means whatever the missing ones are.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export const likeResource = (pattern: string): ((arn: string) => boolean) => {
  if (pattern === '*') return () => true;
  const parts = pattern.split(':');
  if (!/[*?]/.test(pattern) && parts.length >= 6) return (arn) => arn === pattern;
  const segments = escaped([...parts, ...Array<string>(Math.max(0, 6 - parts.length)).fill('*')].join(':'))
    .split(':')
    .map((segment) =>
      segment.replaceAll(/\*+/g, (_, at: number) => (isLast(segment, at) ? '.*' : '[^:]*')).replaceAll('?', '[^:]'),
    );
  const expression = new RegExp(`^${segments.join(':')}$`, 's');
  // A role for a large fleet has hundreds of patterns; most differ before their first wildcard.
  const beginning = pattern.split(/[*?]/, 1)[0]!;
  return (arn) => arn.startsWith(beginning) && expression.test(arn);
};

/** The operators ArnLike and ArnEquals: each of an ARN's six parts by itself, the last with all its colons. */
export const likeArn = (pattern: string): ((arn: string) => boolean) => {
  const parts = partsOf(pattern).map(like);
  return (arn) => {
    const given = partsOf(arn);
    return given.length === 6 && parts.length === 6 && parts.every((matches, n) => matches(given[n]!));
  };
};

const escaped = (pattern: string) => pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');

const isLast = (segment: string, at: number) => /^\*+$/.test(segment.slice(at));

const partsOf = (arn: string) => {
  const parts = arn.split(':');
  return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
};
