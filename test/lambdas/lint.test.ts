import { expect, it } from 'vitest';
import { bundle as build } from '../../lib/migrations/build.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { canonical, digest, sha256 } from '../../lib/migrations/digest.ts';
import { run } from '../fleet/samples.ts';
import { folderOf } from '../helpers/folder.ts';
import { step, uploaded } from './harness.ts';

const { opened } = step('lint', { LINT_BUCKET: 'assets' });

const made = async () => {
  const folder = await folderOf({
    '1_a.sql': 'CREATE TABLE a (b char(2));\nDROP TABLE c;\nGRANT SELECT ON a TO PUBLIC;',
    '2_b.sql': '-- lockstep allow drop-table: empty\nDROP TABLE d;',
  });
  return (await build(folder)).bundle;
};

const linted = async (bundle: Bundle, policy?: object, more: object = {}) => {
  const { invoke, json } = await opened({
    ...uploaded(bundle),
    ...(policy ? { 'lint.json': JSON.stringify(policy) } : {}),
  });
  const { vi } = await import('vitest');
  if (policy) vi.stubEnv('LINT_KEY', 'lint.json');
  const answer = await invoke({ run: run({ digest: digest(bundle), ...more }) });
  return { answer, findings: json('runs/run-1/lint.json') };
};

it('writes down what is found, without notes, and answers with its digest', async () => {
  const { answer, findings } = await linted(await made());
  expect(findings).toEqual([
    {
      ...{ migration: '1', file: '1_a.sql', rule: 'drop-table', severity: 'warning', of: 'c' },
      ...{ statement: 1, line: 2, column: 1 },
    },
    {
      ...{ migration: '1', file: '1_a.sql', rule: 'grant-to-public', severity: 'error' },
      ...{ statement: 2, line: 3, column: 22 },
    },
    {
      ...{ migration: '2', file: '2_b.sql', rule: 'drop-table', severity: 'warning', of: 'd' },
      ...{ statement: 0, line: 2, column: 1, excepted: { by: 'comment', reason: 'empty' } },
    },
  ]);
  expect(answer).toEqual({ digest: sha256(canonical(findings)) });
});

it('lets the environment have the last word', async () => {
  const policy = { rules: { 'grant-to-public': 'off', 'drop-table': 'error' }, strict: ['drop-table'] };
  const { findings } = await linted(await made(), policy);
  expect(
    findings.map((it: { line: number; severity: string; excepted?: object }) => [it.line, it.severity, it.excepted]),
  ).toEqual([
    [2, 'error', undefined],
    [2, 'error', undefined],
  ]);
});

it('refuses a bundle whose findings were left out', async () => {
  const forged: Bundle = structuredClone(await made());
  delete forged.migrations[0]!.lint!.own;
  await expect(linted(forged)).rejects.toMatchObject({ name: 'BundleForged' });
});

it('lets through what takes a run back: it was let in before', async () => {
  const forged: Bundle = structuredClone(await made());
  delete forged.migrations[0]!.lint!.own;
  const { answer, findings } = await linted(forged, undefined, { revert: 'run-0', direction: 'down' });
  expect([answer, findings]).toEqual([null, null]);
});
