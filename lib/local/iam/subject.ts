import { roleOf, sessionOf, userOf } from './sessions.ts';
import { type Compiled, compile, type Statement } from './statement.ts';
import { uniqueId } from './unique-id.ts';

/** Someone whose identity's policies decide what he may do: a user, or a session of a role. */
export type Subject = {
  type: 'AssumedRole' | 'User' | 'Account';
  /** The role's or the user's name. */
  name: string;
  /** The role's or the user's ARN; empty for one that is no more. */
  arn: string;
  /** As AWS names it in messages. */
  principal: string;
  userId: string;
  statements: Compiled[];
};

export type KnownIdentity = { arn: string; statements: Statement[] };

/** The account's root: its own policies let it do everything. */
export const ownerOf = (principal: string): Subject => ({
  ...{ type: 'Account', name: 'root', arn: principal, principal, userId: principal.split(':')[4] ?? '' },
  statements: [EVERYTHING],
});

const EVERYTHING = compile({ Effect: 'Allow', Action: '*', Resource: '*' });

/** Whom a principal's ARN means; undefined for the account's root, who may do everything. */
export const subjectOf = (
  principal: string,
  it: { role(name: string): KnownIdentity | undefined; user?(name: string): KnownIdentity | undefined },
): Subject | undefined => {
  const role = roleOf(principal);
  const name = role ?? userOf(principal);
  if (name === undefined) return undefined;
  const known = role === undefined ? it.user?.(name) : it.role(name);
  const arn = known?.arn ?? '';
  const statements = (known?.statements ?? []).map((statement) => compile(statement));
  if (role === undefined) return { type: 'User', name, arn, principal, userId: uniqueId('AIDA', arn), statements };
  const userId = `${uniqueId('AROA', arn)}:${sessionOf(principal)}`;
  return { type: 'AssumedRole', name, arn, principal, userId, statements };
};
