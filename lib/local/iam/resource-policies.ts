import { type Compiled, compile, type Statement } from './statement.ts';

export type ResourcePolicies = ReturnType<typeof resourcePolicies>;

/** The policies that buckets, topics, keys and event buses have of their own. */
export const resourcePolicies = () => {
  const byResource = new Map<string, Compiled[]>();
  const byId = new Map<string, Map<string, Compiled[]>>();
  return {
    /** Gives a bucket or topic its policy, in place of the one it had. @throws UnsupportedPolicy */
    put: (resourceArn: string, statements: Statement[]) =>
      void byResource.set(
        resourceArn,
        statements.map((it) => compile(it, 'resource')),
      ),
    /** Gives it one more statement, in place of the one with that id. @throws UnsupportedPolicy */
    add: (resourceArn: string, id: string, statements: Statement[]) => {
      const named = byId.get(resourceArn) ?? new Map<string, Compiled[]>();
      named.set(
        id,
        statements.map((it) => compile(it, 'resource')),
      );
      byId.set(resourceArn, named);
      byResource.set(resourceArn, [...named.values()].flat());
    },
    /** The policy that counts for a topic, a bucket, or an object in one. */
    of: (arn: string): Compiled[] => byResource.get(arn) ?? byResource.get(arn.split('/', 1)[0]!) ?? [],
  };
};
