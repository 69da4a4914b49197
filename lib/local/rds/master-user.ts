import pg from 'pg';
import { failure } from '../../failure.ts';
import type { Server } from '../postgres/server.ts';

export type Credentials = { username: string; password: string };

/** Reads a database secret, the JSON that Secrets Manager keeps for RDS. @throws MasterSecretUnusable */
export const masterCredentials = (secret: string | undefined, secretArn: string): Credentials => {
  if (secret === undefined) throw new MasterSecretUnusable({ secretArn, reason: 'it does not exist' });
  let it: Partial<Credentials>;
  try {
    it = JSON.parse(secret) as Partial<Credentials>;
  } catch (cause) {
    throw new MasterSecretUnusable({ secretArn, reason: 'it is not JSON' }, { cause });
  }
  const { username, password } = it;
  if (typeof username !== 'string' || typeof password !== 'string' || !username || !password) {
    throw new MasterSecretUnusable({ secretArn, reason: 'it has no "username" and "password"' });
  }
  // The names RDS keeps for itself; PostgreSQL refuses those with pg_ by itself.
  if (/^rds/i.test(username))
    throw new MasterSecretUnusable({ secretArn, reason: `the user name "${username}" is reserved` });
  return { username, password };
};

export const MasterSecretUnusable = failure(
  'MasterSecretUnusable',
  (it: { secretArn: string; reason: string }) =>
    `The master secret ${it.secretArn} can't make a database user: ${it.reason}. It has to hold {"username": "…", "password": "…"}.`,
);

/**
 * Makes the cluster's owner as Aurora does: a role that creates databases and roles and belongs to rds_superuser,
 * but no superuser; its password is the secret's, whatever it was before. Then the databases that are missing.
 */
export const provisionMaster = async (server: Server, { username, password }: Credentials, databases: string[]) => {
  const client = await server.connect();
  const user = pg.escapeIdentifier(username);
  try {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [username]);
    if (rowCount === 0) await client.query(`CREATE ROLE ${user} LOGIN CREATEDB CREATEROLE VALID UNTIL 'infinity'`);
    await client.query(`ALTER ROLE ${user} PASSWORD ${pg.escapeLiteral(password)}`);
    await client.query(`GRANT rds_superuser TO ${user} WITH ADMIN OPTION`);
    await client.query(`ALTER DATABASE postgres OWNER TO ${user}`);
  } finally {
    await client.end();
  }
  for (const database of databases) await server.createDatabase(database, username);
};
