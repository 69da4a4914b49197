/** A statement of a function's resource policy: who may invoke it, and on behalf of what. */
export type Permission = { principal: string; sourceArn?: string };

/** The resource policies of all functions. */
export const permissions = () => {
  const byFunction = new Map<string, Permission[]>();
  return {
    add: (functionArn: string, permission: Permission) =>
      void byFunction.set(functionArn, [...(byFunction.get(functionArn) ?? []), permission]),
    allow: (functionArn: string, principal: string, sourceArn: string) =>
      (byFunction.get(functionArn) ?? []).some(
        (it) => it.principal === principal && (it.sourceArn === undefined || like(it.sourceArn, sourceArn)),
      ),
  };
};

/** IAM's ArnLike: `*` is any run of characters, `?` any one. */
const like = (pattern: string, arn: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(arn);
