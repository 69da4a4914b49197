import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { approvalLink, decideByPage } from '../../lib/cli/decide-by-page.ts';
import { type Keys, keysOf } from '../../lib/cli/local-identities.ts';
import { objects } from '../../lib/ledger/objects.ts';
import { sign } from '../../lib/ledger/signed.ts';
import { bundle } from '../../lib/migrations/build.ts';
import { attestationKey, type Envelope, evidenceKey } from '../../lib/policy/promotion/statements.ts';
import { folderOf } from '../helpers/folder.ts';
import { memoryKms } from '../helpers/kms.ts';
import { accounts } from './path/accounts.ts';
import { ACCOUNTS, CLERK } from './path/people.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const it = accounts();
const first = { '1_first.up.sql': 'CREATE TABLE first (id int);', '1_first.down.sql': 'DROP TABLE first;' };
const second = { ...first, '2_second.up.sql': 'CREATE TABLE second (id int);' };
const built = async (files: Record<string, string>) => bundle(await folderOf(files));

const CI = `arn:aws:iam::${ACCOUNTS.build}:user/ci`;
const { build, live } = ACCOUNTS;

/** Who answers the approval mails of production: nobody, unless a test says so. */
let answer: (link: string) => Promise<unknown> = async () => {};
let unsubscribe = () => {};
beforeAll(() => {
  unsubscribe = it.cloud(live).inbox.on(({ body }) => {
    const link = approvalLink(body, it.at('production').pipeline.approvalUrl);
    if (link !== undefined) void it.clock.busy(answer(link).catch(() => {}));
  });
});
afterAll(() => unsubscribe());
const approve = (link: string) => decideByPage(link, { decision: 'approved', environment: 'production', reason: '' });

const variables = (account: string, keys: Keys): string[] =>
  Object.entries({
    ...it.cloud(account).environment(),
    ...{ AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
    AWS_SESSION_TOKEN: keys.sessionToken ?? '',
  }).map(([name, value]) => `${name}=${value}`);

const called = (file: string, line: string[], env: Record<string, string> = {}) =>
  it.clock.outside(
    promisify(execFile)(file, line, { env: { ...process.env, ...env } }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
    ),
  );

/** A job of the CI script: as CI in the one account, as the clerk in the other. */
const job = async (name: string, files: Record<string, string>) => {
  const folder = await folderOf(files);
  const { digest } = await bundle(folder);
  const env = {
    BUILD: variables(build, keysOf(it.cloud(build), CI, '*')).join(' '),
    LIVE: variables(live, keysOf(it.cloud(live), CLERK, '*')).join(' '),
  };
  return { digest, ...(await called('test/e2e/path/ci.sh', [name, folder, digest], env)) };
};

const attest = async (account: string, arn: string, name: string, files: Record<string, string>, ...more: string[]) => {
  const line = ['bin/lockstep.ts', 'attest', name, '--digest', (await built(files)).digest, ...more];
  return called('env', [...variables(account, keysOf(it.cloud(account), arn, '*')), process.execPath, ...line]);
};

/** Why a bundle may not go there, asked as a run. */
let asked = 0;
const refusal = async (environment: string, files: Record<string, string>, input: object = {}): Promise<string> => {
  asked += 1;
  const { error, cause } = await it.start(environment, `asked-${asked}`, await built(files), input);
  expect(error).toBe('PromotionRefused');
  return cause;
};

/** What lies in a bucket, and what an intruder puts there who has got round the bucket's policy. */
const lying = (environment: string, key: string): Promise<string> =>
  objects(it.at(environment).clients.s3, it.at(environment).pipeline.bucket).text(key);
const plant = async (environment: string, Key: string, Body: string): Promise<void> => {
  const { pipeline, clients } = it.at(environment);
  await clients.s3.send(new PutObjectCommand({ Bucket: pipeline.bucket, Key, Body }));
};
const forged = async (text: string, change: (statement: string) => string = (same) => same): Promise<string> => {
  const statement = change((JSON.parse(text) as Envelope).statement);
  return JSON.stringify(await sign(memoryKms().client, 'an own key', JSON.parse(statement)));
};
const edited = (text: string, from: string, to: string): string => {
  const { statement, signature } = JSON.parse(text) as Envelope;
  expect(statement).toContain(from);
  return JSON.stringify({ statement: statement.replace(from, to), signature });
};
const FORGED =
  /its signature is not that of arn:aws:kms:us-east-1:\d{12}:\S+: it was edited, or signed with another key/;

// These tests tell one story, in this order.
describe('a bundle', () => {
  test('may skip no environment, and is told all that it lacks in one message', async () => {
    const twelve = (await built(first)).digest.slice(0, 12);
    expect((await refusal('production', first)).split('\n')).toEqual([
      `Bundle ${twelve} may not go to production by the path regular:`,
      '- staging: it has not succeeded there: no attestation of this bundle',
      `- change-ticket: nobody has attested it: lockstep attest change-ticket --digest ${twelve} --environment production`,
    ]);
    expect(await refusal('staging', first)).toContain('- test: it has not succeeded there');
    expect(await refusal('test', first)).toContain('- dev: it has not succeeded there');
    expect(await refusal('production', first, { path: 'shortcut' })).toContain(
      '- there is no such path, but regular, hotfix',
    );
    expect(await refusal('dev', first, { path: 'regular' })).toContain('- no path to this environment is declared');
  });

  test('walks the whole path from a CI script, through two accounts', async () => {
    const merged = await job('merge', first);
    expect(merged.said).toMatch(/e2e of bundle \w{12} has passed in test, says arn:aws:iam::111111111111:user\/ci/);
    expect(merged.code).toBe(0);
    // A success in the one account has started the run in the other, which has fetched the bundle for itself.
    expect(await it.byItself('staging', merged.digest)).toMatchObject({ status: 'SUCCEEDED' });

    const early = await job('release', first);
    expect(early).toMatchObject({ code: 1, said: expect.stringContaining('staging: it has stood there since') });
    // A function that takes its time is ahead of the virtual clock by that.
    await it.clock.sleep(2.1 * 3600 * 1000);
    // Nobody sits at CI: it leaves when people are asked, and they answer then.
    let leave = () => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    answer = (link) => left.then(() => approve(link));
    const released = await job('release', first).finally(() => leave());
    expect(released).toMatchObject({ code: 3, said: expect.stringContaining('waiting for approval') });
    const run = /"run": "([^"]+)"/.exec(released.said)?.[1] ?? '';
    expect(await it.over('production', run)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('goes the short way only with what that asks for, and with more people', async () => {
    const urgent = await built(second);
    expect(await it.start('dev', 'urgent', urgent)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await refusal('production', second, { path: 'hotfix' })).toContain('- incident: nobody has attested it');
    const incident = ['--environment', 'production', '--url', 'INC0042'];
    expect(await attest(live, CLERK, 'incident', second, ...incident)).toMatchObject({
      said: expect.stringContaining(
        'has passed in production, says arn:aws:sts::222222222222:assumed-role/Clerk/local',
      ),
    });
    // Nobody announced it, so that one more than the path's two have to approve.
    const links: string[] = [];
    answer = async (link) => void (links.push(link) <= 2 && (await approve(link)));
    const two = await it.start('production', 'urgent-1', urgent, { path: 'hotfix' });
    expect(two).toMatchObject({ error: 'ApprovalExpired' });
    answer = approve;
    const three = await it.start('production', 'urgent-2', urgent, { path: 'hotfix' });
    expect(three).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('what an environment has attested', () => {
  let key = '';
  let genuine = '';
  /** Staging runs it once more, and finds nothing to do: what it says then lies over everything else. */
  const again = async () => {
    asked += 1;
    expect(await it.start('staging', `again-${asked}`, await built(first))).toMatchObject({ status: 'SUCCEEDED' });
  };

  test('is neither written, nor deleted, nor signed by an administrator, and not read by another account', async () => {
    key = attestationKey((await built(first)).digest);
    genuine = await lying('staging', key);
    const admin = (account: string) => ({
      ...{ endpoint: it.cloud(account).endpoint, region: 'us-east-1' },
      credentials: keysOf(it.cloud(account), `arn:aws:iam::${account}:user/admin`, '*'),
    });
    const object = { Bucket: it.at('staging').pipeline.bucket, Key: key };
    const denied = { message: expect.stringContaining('with an explicit deny in a resource-based policy') };
    const s3 = new S3Client(admin(live));
    await expect(s3.send(new PutObjectCommand({ ...object, Body: genuine }))).rejects.toMatchObject(denied);
    await expect(s3.send(new DeleteObjectCommand(object))).rejects.toMatchObject(denied);
    const KeyId = 'alias/lockstep-shop-staging-attestations';
    const signing = new SignCommand({ KeyId, Message: Buffer.from('x'), SigningAlgorithm: 'ECDSA_SHA_256' });
    await expect(new KMSClient(admin(live)).send(signing)).rejects.toMatchObject(denied);
    // No path leads from here to there, so that account is not named.
    const stranger = new S3Client(admin(build)).send(new GetObjectCommand(object));
    await expect(stranger).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test.each<[string, () => Promise<string> | string, RegExp]>([
    ['is edited', () => edited(genuine, '"wholeFleet":true', '"wholeFleet":true,"x":1'), FORGED],
    ['says another time', () => edited(genuine, '"since":"2', '"since":"1'), FORGED],
    ['is signed with another key', () => forged(genuine), FORGED],
    ["is another environment's", () => lying('test', key), FORGED],
    ['is nothing of the kind', () => 'nonsense', /it is no signed statement/],
    ['is an older one, put there again', () => genuine, /it is an older one, put there again/],
  ])('does not count when it %s', async (_, planted, why) => {
    await again();
    await plant('staging', key, await planted());
    expect(await refusal('production', first)).toMatch(why);
  });

  test('does not count when it was deleted, and counts when the environment has said so again', async () => {
    const { pipeline, clients } = it.at('staging');
    await again();
    await clients.s3.send(new DeleteObjectCommand({ Bucket: pipeline.bucket, Key: key }));
    expect(await refusal('production', first)).toContain('it was deleted');
    await again();
    expect(await it.start('production', 'well', await built(first))).toMatchObject({
      status: 'FAILED',
      error: 'PlanRefused',
    });
  });

  test('of one bundle does not count for another', async () => {
    const { digest } = await built(second);
    await plant('staging', attestationKey(digest), genuine);
    expect(await refusal('production', second)).toMatch(/it is of digest \w{12}, not \w{12}/);
  });

  test('is taken back when the run is, whatever is put over it then', async () => {
    const { run } = await it.byItself('staging', (await built(first)).digest);
    expect(await it.start('staging', 'back', await built(first), { revert: run })).toMatchObject({
      status: 'SUCCEEDED',
    });
    expect(await refusal('production', first)).toContain(`back took back what ${run} had applied`);
    await plant('staging', key, genuine);
    const refused = await refusal('production', first);
    expect(refused).toContain(`back took back what ${run} had applied`);
    expect(refused).toContain('it is an older one, put there again');
  });
});

describe('evidence', () => {
  const at = ['--environment', 'test'];
  const keyOf = async () => evidenceKey((await built(first)).digest, 'e2e');
  /** CI says it once more: that lies over everything else. */
  const again = (...more: string[]) => attest(build, CI, 'e2e', first, ...at, ...more);

  test('does not count when it is edited, forged, or of another bundle', async () => {
    const key = await keyOf();
    const genuine = await lying('test', key);
    await plant('test', key, edited(genuine, 'user/ci', 'user/cto'));
    expect(await refusal('staging', first)).toMatch(FORGED);
    await again();
    await plant('test', key, await forged(genuine));
    expect(await refusal('staging', first)).toMatch(FORGED);
    await again();
    expect((await it.start('staging', 'mended', await built(first))).error).toBe('');
    await plant('test', evidenceKey((await built(second)).digest, 'e2e'), genuine);
    expect(await refusal('staging', second)).toMatch(/e2e: in test it does not count: it is of digest \w{12}/);
  });

  test('that has failed since is not made good by what was said before', async () => {
    const passed = await lying('test', await keyOf());
    expect(await again('--failed')).toMatchObject({ code: 0, said: expect.stringContaining('has failed in test') });
    expect(await refusal('staging', first)).toContain(`e2e: in test it failed, says ${CI}`);
    await plant('test', await keyOf(), passed);
    expect(await refusal('staging', first)).toContain('it is an older one, put there again');
  });

  test("counts only from those whose word does, and with a ticket's number", async () => {
    const somebody = `arn:aws:iam::${live}:user/Somebody`;
    const ticket = (arn: string, url: string) =>
      attest(live, arn, 'change-ticket', second, '--environment', 'production', '--url', url);
    await ticket(somebody, 'CHG0012345');
    expect(await refusal('production', second)).toContain(`was attested by ${somebody}, whose word does not count`);
    await ticket(CLERK, 'https://tickets.example.com/none');
    expect(await refusal('production', second)).toContain('which does not match CHG\\d{7}');
    await ticket(CLERK, 'CHG0012345');
    expect(await refusal('production', second)).not.toContain('change-ticket');
  });

  test('that a run which has started by itself waits for is told to whoever watches its environment', async () => {
    const files = { ...second, '3_third.up.sql': 'CREATE TABLE third (id int);' };
    const third = await built(files);
    for (const environment of ['dev', 'test'])
      expect(await it.start(environment, 'third', third)).toMatchObject({ status: 'SUCCEEDED' });
    const clerk = [...variables(live, keysOf(it.cloud(live), CLERK, '*')), process.execPath, 'bin/lockstep.ts'];
    // A week of virtual time is over in no time, and the run gives up then.
    const lockstep = (...line: string[]) => it.clock.busy(called('env', [...clerk, ...line]));
    // It is started a moment later than the success is told.
    const watched = await vi.waitFor(async () => {
      const found = await lockstep('watch', 'staging');
      expect(found.code).toBe(3);
      return found.said;
    }, 60_000);
    expect(watched).toContain('waits until its bundle may come here: e2e: nobody has attested it: lockstep attest e2e');
    const listed = await lockstep('approvals', 'staging', '--json');
    expect(JSON.parse(listed.said)).toMatchObject({
      arriving: [{ run: expect.stringContaining('-after-'), missing: [expect.stringContaining('e2e: nobody')] }],
    });
    await attest(build, CI, 'e2e', files, ...at);
    expect(await it.byItself('staging', third.digest)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
