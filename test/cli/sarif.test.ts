import type { Log } from 'sarif';
import { expect, it } from 'vitest';
import { fixture, folderOf } from '../helpers/folder.ts';
import { lockstep } from '../helpers/lockstep.ts';

const sarifOf = async (folder: string) => {
  const { stdout, exitCode } = await lockstep('check', folder, '--sarif');
  return { log: JSON.parse(stdout) as Log, exitCode };
};

it('tells findings as SARIF 2.1.0, with their rule, level, place, and a fingerprint that outlives lines above', async () => {
  const { log, exitCode } = await sarifOf(fixture('linted'));
  expect(exitCode).toBe(1);
  expect(log).toMatchObject({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0' });
  const { tool, results = [], columnKind } = log.runs[0]!;
  expect(columnKind).toBe('unicodeCodePoints');
  expect(tool.driver.rules?.map(({ id }) => id)).toEqual(['drop-table', 'grant-to-public', 'prefer-bigint-over-int']);
  expect(results.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level])).toEqual([
    ['prefer-bigint-over-int', 2, 'note'],
    ['drop-table', 0, 'warning'],
    ['grant-to-public', 1, 'error'],
  ]);
  expect(results[2]).toMatchObject({
    message: { text: expect.stringMatching(/^grants to PUBLIC: .*\. Safe: GRANT … TO a role by name$/) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'test/fixtures/linted/2_give%20away.sql' },
          region: { startLine: 3, startColumn: 28 },
        },
      },
    ],
  });
});

it('tells what is excepted as suppressed, with the reason', async () => {
  const { log } = await sarifOf(fixture('linted'));
  expect(log.runs[0]!.results?.[1]).toMatchObject({
    ruleId: 'drop-table',
    suppressions: [{ kind: 'inSource', justification: 'it never had a row' }],
  });
});

it('tells what makes no bundle as errors of a rule that cannot be switched off', async () => {
  const { log, exitCode } = await sarifOf(fixture('misspelt'));
  expect(exitCode).toBe(1);
  expect(log.runs[0]).toMatchObject({
    tool: { driver: { rules: [{ id: 'unsound', defaultConfiguration: { level: 'error' } }] } },
    results: [{ ruleId: 'unsound', level: 'error', message: { text: 'syntax error at or near "NUL"' } }],
  });
});

it('gives a finding the same fingerprint when lines are added above it, and two alike different ones', async () => {
  const folder = await folderOf({ '1_a.sql': 'DROP INDEX i;\nDROP INDEX i;' });
  const before = (await sarifOf(folder)).log.runs[0]!.results!.map((it) => it.partialFingerprints);
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`${folder}/1_a.sql`, '-- new\n\nDROP INDEX i;\nDROP INDEX i;');
  const after = (await sarifOf(folder)).log.runs[0]!.results!.map((it) => it.partialFingerprints);
  expect(after).toEqual(before);
  expect(before[0]).not.toEqual(before[1]);
});

it('has room for one form at a time', async () => {
  expect((await lockstep('check', '--json', '--sarif')).exitCode).toBe(2);
});
