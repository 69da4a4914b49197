import { describe, expect, it } from 'vitest';
import { tools } from '../../lib/database/baseline/tools.ts';
import { lockstep } from '../helpers/lockstep.ts';

describe.each(['history', 'resolve', 'baseline'])('lockstep %s', (command) => {
  it('tells options, exit codes and an example in its help', async () => {
    const { exitCode, stdout } = await lockstep(command, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--json');
    expect(stdout).toMatch(/Exit codes:\n {2}0 {2}\S.*\n {2}1 {2}\S.*\n {2}2 {2}wrong usage\n/);
    expect(stdout).toContain(`Example:\n  $ lockstep ${command} production`);
  });
});

describe('wrong usage', () => {
  it.each([
    ['resolve', 'staging', 'acme', '1', '--reason', 'x'],
    ['resolve', 'staging', 'acme', '1', '--as', 'done', '--reason', 'x'],
    ['resolve', 'staging', 'acme', '1', '--as', 'applied'],
    ['resolve', 'staging', 'acme', '1', '--as', 'applied', '--reason', 'x', '--done', '2'],
    ['baseline', 'staging', 'acme'],
    ['baseline', 'staging', 'acme', '--all', '--from', 'dbmate'],
    ['baseline', 'staging', '--all', '--from', 'goose'],
    ['baseline', 'staging', '--all', '--from', 'django', '--map', 'map.json', '--upto', '3'],
    ['baseline', 'staging', '--all', '--from', 'django', '--map', 'nowhere.json'],
  ])('lockstep %s %s %s … is told before anything is looked up', async (...line) => {
    const { exitCode, stdout, stderr } = await lockstep(...line);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^(error|MapNotRead): /);
  });
});

it('offers to adopt from every tool there is', async () => {
  const { stdout } = await lockstep('baseline', '--help');
  const choices = /choices:([^)]*)\)/.exec(stdout.replaceAll(/\s+/g, ' '))?.[1] ?? '';
  expect(JSON.parse(`[${choices}]`)).toEqual(Object.keys(tools));
});
