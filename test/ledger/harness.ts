import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  NoSuchKey,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import type { Table } from '../../lib/ledger/table.ts';
import { dynamodb } from '../../lib/local/dynamodb/dynamodb.ts';
import { openTables } from '../../lib/local/dynamodb/tables.ts';
import { serve } from '../../lib/local/server.ts';
import { clientOf, place } from '../local/cloud-harness.ts';

/** A DynamoDB of its own for the tests of one file; `table` makes a new, empty ledger in it. */
export const ledgers = () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-ledger-'));
  let tables: Awaited<ReturnType<typeof openTables>>;
  let server: Awaited<ReturnType<typeof serve>>;
  let made = 0;
  const endpoint = () => `http://127.0.0.1:${server.port}`;

  beforeAll(async () => {
    tables = await openTables(folder, place);
    const services = { dynamodb: dynamodb(tables) };
    server = await serve(0, { services, apis: async () => ({ status: 404 }), principal: (id) => id });
  });
  afterAll(async () => {
    await server.close();
    await tables.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const table = async (): Promise<Table> => {
    made += 1;
    const name = `Ledger${made}`;
    await tables.create({
      TableName: name,
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    });
    return { client: DynamoDBDocumentClient.from(new DynamoDBClient(clientOf(endpoint()))), name };
  };
  return { endpoint, table };
};

/** All items of a ledger. */
export const itemsOf = async ({ client, name }: Table) => {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: name }));
  return Items;
};

/** S3 with one bucket in memory; `read` lists the keys that were read. */
export const memoryBucket = (files: Record<string, string> = {}) => {
  const read: string[] = [];
  const get = async ({ Key = '', VersionId }: GetObjectCommandInput) => {
    read.push(Key);
    const text = VersionId === undefined ? files[Key] : older(Key).find(({ version }) => version === VersionId)?.text;
    if (text === undefined) throw new NoSuchKey({ $metadata: {}, message: 'The specified key does not exist.' });
    return { Body: { transformToString: async () => text }, VersionId: VersionId ?? older(Key)[0]?.version };
  };
  let versions = 0;
  const put = async ({ Key = '', Body }: PutObjectCommandInput) => {
    files[Key] = String(Body);
    versions += 1;
    kept.unshift({ key: Key, version: `v${versions}`, text: String(Body) });
    return { VersionId: `v${versions}` };
  };
  const kept: { key: string; version: string; text: string }[] = [];
  const older = (key: string) => {
    const those = kept.filter((it) => it.key === key);
    return those.length === 0 && files[key] !== undefined ? [{ key, version: 'v0', text: files[key] }] : those;
  };
  const list = async ({ Prefix = '' }: ListObjectVersionsCommandInput) => ({
    Versions: older(Prefix).map(({ key, version }, at) => ({ Key: key, VersionId: version, IsLatest: at === 0 })),
  });
  const send = async (command: unknown) => {
    if (command instanceof GetObjectCommand) return get(command.input);
    if (command instanceof PutObjectCommand) return put(command.input);
    if (command instanceof ListObjectVersionsCommand) return list(command.input);
    throw new Error('this bucket only gets, puts and lists objects');
  };
  return { files, read, get, put, list, client: { send } as unknown as Pick<S3Client, 'send'> };
};
