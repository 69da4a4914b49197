import { z } from 'zod';
import { compile, type Kind, type Statement } from '../iam/statement.ts';
import type { PolicyDocument } from './roles.ts';

/** A policy of which every statement can be enforced; one that can't be is refused at deployment, not guessed at later. */
export const policyDocument = (kind: Kind) =>
  z
    .strictObject({
      Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
      Id: z.string().optional(),
      Statement: z.union([z.array(z.looseObject({})), z.looseObject({})]),
    })
    .transform((it, { addIssue }): PolicyDocument => {
      const statements = [it.Statement].flat() as unknown as Statement[];
      for (const [n, statement] of statements.entries()) {
        try {
          compile(statement, kind);
        } catch (error) {
          addIssue({ code: 'custom', path: ['Statement', n], message: (error as Error).message });
        }
      }
      return { ...(it.Version ? { Version: it.Version } : {}), Statement: statements };
    });
