import { describe, expect, test } from 'vitest';
import { linesOf } from '../../lib/cli/progress.ts';
import { stage } from './stage.ts';

const it = stage({ clusters: 1, databases: 2 });

const first = { '001_first.sql': 'CREATE TABLE first (id int);' };
const many = Object.fromEntries(
  Array.from({ length: 300 }, (_, n) => [`${n + 100}_t.sql`, `CREATE TABLE t${n} (id int);`]),
);

const calls = ({ databases }: Awaited<ReturnType<typeof it.run>>) =>
  databases.map(({ applied, dataApiCalls }) => [applied.length, dataApiCalls]);

// These tests tell one story, in this order, of one environment.
describe('a run costs Data API calls per database', () => {
  test('four the first time: to plan, to install, to apply, to verify', async () => {
    expect(calls(await it.run('staging', first))).toEqual([
      [1, 4],
      [1, 4],
    ]);
  });

  test('three for three hundred transactional migrations, and says so', async () => {
    const told: string[] = [];
    const on = linesOf((line) => told.push(line), false);
    const result = await it.run('staging', { ...first, ...many }, { on });
    expect(calls(result)).toEqual([
      [300, 3],
      [300, 3],
    ]);
    // And four in all: tables that are touched are measured in both, the new schema is read in one, on two pages.
    expect(result.dataApiCalls).toBe(10);
    // As the report adds them up, and as the Data API has counted them.
    expect(JSON.parse(await it.object('staging', `runs/${result.run}/report.json`)).dataApiCalls).toBe(10);
    expect(told.at(-1)).toMatch(/, 10 Data API calls \(3 per database\)$/);
  });

  test('one where nothing is pending', async () => {
    expect(calls(await it.run('staging', { ...first, ...many }))).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  test('three for a migration that comes late, where its file says that it may', async () => {
    const plain = { '002_late.sql': 'CREATE TABLE late (id int);' };
    const refused = await it.run('staging', { ...first, ...plain, ...many });
    expect(refused.failure?.error).toBe('PlanRefused');
    expect(refused.failure?.cause).toContain('002_late.sql is not applied, but 399_t.sql, which comes after it, is.');
    const said = { '002_late.sql': `-- lockstep: out-of-order\n${plain['002_late.sql']}` };
    const result = await it.run('staging', { ...first, ...said, ...many });
    expect(result).toMatchObject({ status: 'SUCCEEDED', databases: [{ applied: ['002'] }, { applied: ['002'] }] });
    expect(calls(result)).toEqual([
      [1, 3],
      [1, 3],
    ]);
  });
});
