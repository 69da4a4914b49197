import type { Place } from '../service.ts';
import { compile, type Statement } from './statement.ts';

export type User = { arn: string; name: string; statements: Statement[] };
export type Users = ReturnType<typeof users>;

/** The account's IAM users with all that they may do. */
export const users = ({ partition, account }: Place) => {
  const byName = new Map<string, User>();
  return {
    find: (name: string): User | undefined => byName.get(name),
    /** Makes the user, or makes it anew with these statements only. @throws UnsupportedPolicy */
    create(name: string, path: string, statements: Statement[]): User {
      for (const statement of statements) compile(statement);
      const user = { arn: `arn:${partition}:iam::${account}:user${path}${name}`, name, statements };
      byName.set(name, user);
      return user;
    },
  };
};
