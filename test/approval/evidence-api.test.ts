import { expect, it, test } from 'vitest';
import { evidenceApi } from '../../lib/approval/evidence-api.ts';
import { sha256 } from '../../lib/migrations/digest.ts';
import type { Evidence } from '../../lib/policy/promotion/statements.ts';

const digest = 'd'.repeat(64);
const ARN = 'arn:aws:sts::111111111111:assumed-role/Ci/job-7';

const opened = () => {
  const signed: Evidence[] = [];
  const written: Record<string, unknown> = {};
  const app = evidenceApi(() => ({
    ...{ service: 'shop', environment: 'staging', account: '111111111111' },
    now: () => new Date('2026-01-05T11:00:00.000Z'),
    count: async () => 7,
    sign: async (evidence) => {
      signed.push(evidence);
      return { statement: 's', signature: 'c2ln' };
    },
    write: async (key, value) => {
      written[key] = value;
    },
  }));
  const post = async (name: string, body: object, arn: string | null = ARN) => {
    const event = { requestContext: arn === null ? {} : { authorizer: { iam: { userArn: arn } } } };
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await app.request(`/bundles/${digest}/evidence/${name}`, init, { event });
    return { status: answer.status, body: (await answer.json()) as { error?: string; message?: string } };
  };
  return { post, signed, written };
};

it('signs what is said, by whom IAM has proven, whatever else is claimed', async () => {
  const { post, signed, written } = opened();
  expect(await post('e2e', { url: 'https://ci.example.com/7' })).toMatchObject({ status: 200 });
  expect(signed).toEqual([
    {
      ...{ kind: 'evidence', version: 1, service: 'shop', environment: 'staging', account: '111111111111', digest },
      ...{
        name: 'e2e',
        sequence: 7,
        result: 'passed',
        by: ARN,
        at: '2026-01-05T11:00:00.000Z',
        url: 'https://ci.example.com/7',
      },
      file: null,
    },
  ]);
  expect(Object.keys(written)).toEqual([`evidence/${digest}/e2e.json`]);
  expect(await post('e2e', { by: 'arn:aws:iam::1:user/cto' })).toMatchObject({ status: 400 });
});

it('keeps a file under its hash, which is signed', async () => {
  const { post, signed, written } = opened();
  const content = Buffer.from('all green');
  await post('e2e', { file: { name: 'report.txt', content: content.toString('base64') } });
  expect(signed[0]!.file).toEqual({ name: 'report.txt', sha256: sha256(content), bytes: 9 });
  expect(written[`evidence/${digest}/files/${sha256(content)}`]).toEqual({ content: content.toString('base64') });
});

test.each<[string, string, object, string | null, number]>([
  ['nobody', 'e2e', {}, null, 403],
  ['a name that is none', 'E2E', {}, ARN, 400],
  ['an address that is none', 'e2e', { url: 'javascript:alert(1)' }, ARN, 400],
  ['an address that has no end', 'e2e', { url: `https://example.com/${'x'.repeat(2000)}` }, ARN, 400],
  ['a file that leads elsewhere', 'e2e', { file: { name: '../x', content: '' } }, ARN, 400],
  ['a result that is none', 'e2e', { result: 'maybe' }, ARN, 400],
])('refuses %s, and signs nothing', async (_, name, body, arn, status) => {
  const { post, signed, written } = opened();
  expect(await post(name, body, arn)).toMatchObject({ status });
  expect([signed, written]).toEqual([[], {}]);
});

it('says what an address has to be', async () => {
  const { post } = opened();
  const refused = await post('e2e', { url: 'see ticket' });
  expect(JSON.stringify(refused)).toContain('or the number of a ticket (letters, digits');
});
