import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { jsonService, operation } from '../protocol/json.ts';
import { calendarOperations } from './calendar-operations.ts';
import type { DocumentStore } from './documents.ts';
import type { Parameter, ParameterStore } from './parameter-store.ts';

const page = (max: number) => ({
  MaxResults: z.number().int().min(1).max(max).default(max),
  NextToken: z.string().optional(),
});
const type = z.enum(['String', 'StringList', 'SecureString']);

/** AWS Systems Manager (JSON 1.1): its Parameter Store, and change calendars. */
export const ssm = (store: ParameterStore, documents: DocumentStore, clock: Clock) => {
  const read = (decrypt: boolean) => (it: Parameter) => ({
    ...summary(it),
    // As on AWS, a secure string reads as ciphertext unless its decryption is asked for.
    Value:
      it.type === 'SecureString' && !decrypt
        ? Buffer.from(`sealed:${it.name}:${it.version}`).toString('base64')
        : it.value,
  });
  const summary = (it: Parameter) => ({
    Name: it.name,
    Type: it.type,
    Version: it.version,
    LastModifiedDate: new Date(it.modified).getTime() / 1000,
    ARN: store.arn(it),
    DataType: 'text',
  });
  const withDecryption = z.boolean().default(false);

  return jsonService('AmazonSSM', {
    ...calendarOperations(documents, clock),
    GetParameter: operation(
      z.strictObject({ Name: z.string(), WithDecryption: withDecryption }),
      ({ Name, WithDecryption }) => {
        const found = store.find(Name);
        if (!found) throw new AwsError('ParameterNotFound', `Parameter ${Name} not found.`);
        return { Parameter: read(WithDecryption)(found) };
      },
    ),
    GetParameters: operation(
      z.strictObject({ Names: z.array(z.string()).min(1).max(10), WithDecryption: withDecryption }),
      ({ Names, WithDecryption }) => ({
        Parameters: Names.flatMap((name) => store.find(name) ?? []).map(read(WithDecryption)),
        InvalidParameters: Names.filter((name) => !store.find(name)),
      }),
    ),
    GetParametersByPath: operation(
      z.strictObject({
        Path: z.string().startsWith('/'),
        Recursive: z.boolean().default(false),
        WithDecryption: withDecryption,
        ...page(10),
      }),
      ({ Path, Recursive, WithDecryption, ...paging }) => {
        const folder = Path.endsWith('/') ? Path : `${Path}/`;
        const below = store
          .all()
          .filter(({ name }) => name.startsWith(folder) && (Recursive || !name.slice(folder.length).includes('/')));
        const { rows, NextToken } = paged(below, paging);
        return { Parameters: rows.map(read(WithDecryption)), NextToken };
      },
    ),
    DescribeParameters: operation(z.strictObject(page(50)), (paging) => {
      const { rows, NextToken } = paged(store.all(), paging);
      return {
        Parameters: rows.map((it) => ({ ...summary(it), Description: it.description, Tier: 'Standard' })),
        NextToken,
      };
    }),
    PutParameter: operation(
      z.strictObject({
        Name: z.string(),
        Value: z.string(),
        Type: type.optional(),
        Description: z.string().optional(),
        Overwrite: z.boolean().default(false),
      }),
      ({ Name, Value, Type, Description, Overwrite }) => {
        const kind = Type ?? store.find(Name)?.type;
        if (!kind)
          throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
        const made = store.put(
          { name: Name, type: kind, value: Value, ...(Description ? { description: Description } : {}) },
          Overwrite,
        );
        return { Version: made.version, Tier: 'Standard' };
      },
    ),
    DeleteParameter: operation(z.strictObject({ Name: z.string() }), ({ Name }) => {
      if (!store.remove(Name)) throw new AwsError('ParameterNotFound', `Parameter ${Name} not found.`);
      return {};
    }),
  });
};

const paged = <Row>(rows: Row[], { MaxResults, NextToken }: { MaxResults: number; NextToken?: string | undefined }) => {
  const start = Number(NextToken ?? 0);
  if (!Number.isInteger(start)) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  const end = start + MaxResults;
  return { rows: rows.slice(start, end), NextToken: end < rows.length ? String(end) : undefined };
};
