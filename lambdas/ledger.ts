import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../lib/ledger/table.ts';
import { once, variable } from './services.ts';

/** The environment's ledger. Apart from the other services, since bundlers can't leave its client out of a bundle. */
export const ledger = once(
  (): Table => ({ client: DynamoDBDocumentClient.from(new DynamoDBClient()), name: variable('LEDGER_TABLE') }),
);
