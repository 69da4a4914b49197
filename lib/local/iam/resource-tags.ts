import type { Mapping } from './mapping.ts';

/** Lets conditions see the tags that the resource of a permission carries. */
export const withResourceTags = (mapping: Mapping, tagsOf: (arn: string) => Record<string, string>): Mapping => ({
  ...mapping,
  async checks(request) {
    const checks = await mapping.checks(request);
    return checks?.map((check) => {
      const tags = Object.entries(tagsOf(check.resource)).map(([key, value]) => [
        `aws:resourcetag/${key.toLowerCase()}`,
        [value],
      ]);
      return tags.length > 0 ? { ...check, keys: { ...check.keys, ...Object.fromEntries(tags) } } : check;
    });
  },
});
