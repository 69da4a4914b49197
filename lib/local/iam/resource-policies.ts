import { type Compiled, compile, type Statement } from './statement.ts';

export type ResourcePolicies = ReturnType<typeof resourcePolicies>;

/** The policies that buckets and topics have of their own. */
export const resourcePolicies = () => {
  const byResource = new Map<string, Compiled[]>();
  return {
    /** Gives a bucket or topic its policy, in place of the one it had. @throws UnsupportedPolicy */
    put: (resourceArn: string, statements: Statement[]) =>
      void byResource.set(
        resourceArn,
        statements.map((it) => compile(it, 'resource')),
      ),
    /** The policy that counts for a topic, a bucket, or an object in one. */
    of: (arn: string): Compiled[] => byResource.get(arn) ?? byResource.get(arn.split('/', 1)[0]!) ?? [],
  };
};
