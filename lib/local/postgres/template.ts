import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../../failure.ts';
import { type Account, unprivilegedAccount } from './account.ts';
import { type Binaries, binaries, type Major } from './binaries.ts';
import { scratchFolder } from './scratch.ts';

/** The administrator inside each server; on Aurora, too, it is called so and is nobody's to log in as. */
export const SUPERUSER = 'rdsadmin';

export type Installation = {
  major: Major;
  account: Account | undefined;
  programs: Binaries;
  /** A data directory as initdb leaves it, to be copied for each cluster. */
  template: string;
  password: string;
};

/** PostgreSQL ready to be copied: made once per process, since initdb takes half a second and a copy a tenth of that. */
export const installation = (major: Major = 17): Promise<Installation> => {
  const ready =
    made.get(major) ??
    make(major).catch((error) => {
      made.delete(major);
      throw error;
    });
  made.set(major, ready);
  return ready;
};

const made = new Map<Major, Promise<Installation>>();

export const PostgresSetUpFailed = failure(
  'PostgresSetUpFailed',
  (it: { program: string; output: string }) =>
    `${it.program} failed, so no local database can be made:\n${it.output.trim()}`,
);

const make = async (major: Major): Promise<Installation> => {
  const account = await unprivilegedAccount();
  const scratch = await scratchFolder(account);
  const programs = await binaries(account, scratch, major);
  const password = randomBytes(24).toString('base64url');
  const work = join(scratch, 'template');
  await mkdir(work, { mode: 0o700 });
  const passwordFile = join(work, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) await Promise.all([work, passwordFile].map((path) => chown(path, account.uid, account.gid)));
  const template = join(work, 'data');
  const inLocale = (locale: string) => run(programs.initdb, initdb(template, passwordFile, locale), account);
  // Not every system has C.UTF-8; the collation is ICU's either way.
  await inLocale('C.UTF-8').catch(() => inLocale('C'));
  await run(programs.postgres, ['--single', '-D', template, 'postgres'], account, setUp(major));
  await rm(passwordFile);
  await writeFile(join(template, 'pg_hba.conf'), HOST_BASED_AUTHENTICATION);
  return { major, account, programs, template, password };
};

/** Small segments keep a data directory small. ICU's en-US orders text as Aurora's default en_US.UTF-8 does. */
const initdb = (data: string, passwordFile: string, locale: string) => [
  ...[`--pgdata=${data}`, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
  ...['--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-US', `--locale=${locale}`],
  ...['--wal-segsize=1', '--no-sync', '--no-instructions'],
];

const HOST_BASED_AUTHENTICATION = `host rdsadmin all 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
`;

/** What an Aurora cluster has before its owner has made anything: reserved roles, and a database nobody gets into. */
const setUp = (major: Major) => `CREATE ROLE rds_superuser;
CREATE ROLE rds_replication;
CREATE ROLE rds_iam;
CREATE ROLE rds_password;
GRANT pg_monitor, pg_signal_backend, pg_read_all_data, pg_write_all_data, pg_checkpoint, ${major >= 17 ? 'pg_maintain, ' : ''}${major >= 16 ? 'pg_use_reserved_connections, pg_create_subscription, ' : ''}rds_replication, rds_password TO rds_superuser WITH ADMIN OPTION;
CREATE DATABASE rdsadmin;
`;

const run = (program: string, args: string[], account: Account | undefined, input = '') =>
  new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      ...account,
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      // The single-user server ends well even when a statement in it did not.
      if (code === 0 && !/^.*(ERROR|FATAL): /m.test(output)) resolve();
      else reject(new PostgresSetUpFailed({ program, output }));
    });
    // One that ends early says in its output why.
    child.stdin.on('error', () => undefined).end(input);
  });
