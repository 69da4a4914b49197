import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lockstep } from './helpers/lockstep.ts';
import { shownInReadme } from './helpers/readme.ts';

const readme = readFileSync('README.md', 'utf8');

test('what README shows of a check is what one sees', async () => {
  const { stdout } = await lockstep('check', 'test/fixtures/misspelt');
  expect(stdout).toBe(shownInReadme('npx lockstep check test/fixtures/misspelt'));
});

test('what README shows of lint is what one sees', async () => {
  const { stdout } = await lockstep('check', 'test/fixtures/linted');
  expect(stdout).toBe(shownInReadme('npx lockstep check test/fixtures/linted'));
});

test('every failure that README explains is one that the code can end with', () => {
  const code = globSync('{lib,lambdas}/**/*.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const table = readme.slice(readme.indexOf('| failure |'), readme.indexOf('## How a run goes'));
  const names = [...table.matchAll(/`([A-Z]\w+)`/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(code, name).toContain(`'${name}'`);
});

test('every npm script that README names exists', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const [, name] of readme.matchAll(/npm run (\w+)/g)) expect(Object.keys(scripts)).toContain(name);
});

test('every file that README links to exists', () => {
  for (const [, file] of readme.matchAll(/\]\(([^):#]+)[#)]/g)) expect(globSync(file!), file).toHaveLength(1);
});
