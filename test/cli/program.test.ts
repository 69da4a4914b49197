import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fixture } from '../helpers/folder.ts';
import { lockstep } from '../helpers/lockstep.ts';

describe('lockstep', () => {
  it.each([
    ...[[], ['chek'], ['check', '--jsno'], ['check', 'a', 'b'], ['bundle', '--output']],
    // A variable that was never set fits no plan.
    ...[['', 'abc', 'x'.repeat(12)].map((plan) => ['approve', 'production', 'run-1', '--yes', '--plan', plan])].flat(),
    ['reject', 'production', 'run-1', '--yes'],
    ['reject', 'production', 'run-1', '--reason', ' '],
    ['approve', 'production', 'run-1', '--break-glass'],
    ['watch'],
    ...[['plan', 'staging'], ['run', 'staging'], ['status']].map((line) => [...line, '--json', '--markdown']),
    ['throttle', 'production', 'run-1'],
    ...['0', '-1', '1.5', 'all', '10001', ''].map((many) => ['throttle', 'production', 'run-1', '--concurrency', many]),
  ])('takes %j for wrong usage', async (...line) => {
    const { exitCode, stdout, stderr } = await lockstep(...(line as string[]));
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^(error: |Usage: )/);
  });

  it('guesses what was meant', async () => {
    expect((await lockstep('chek')).stderr).toContain('Did you mean check?');
  });

  it.each(['check', 'bundle'])('%s --help tells options, exit codes and an example', async (command) => {
    const { exitCode, stdout } = await lockstep(command, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--json');
    expect(stdout).toMatch(/Exit codes:\n {2}0 {2}\S.*\n {2}1 {2}\S.*\n {2}2 {2}wrong usage\n/);
    expect(stdout).toContain(`Example:\n  $ lockstep ${command} migrations`);
  });

  it('tells its version', async () => expect((await lockstep('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/));

  it('is a program that exits with these codes', () => {
    const exit = (...line: string[]) => spawnSync(process.execPath, ['bin/lockstep.ts', ...line]).status;
    expect(exit('check', fixture('stepwise'))).toBe(0);
    expect(exit('check', fixture('empty-folder'))).toBe(1);
    expect(exit('check', 'nowhere')).toBe(2);
  });

  it('has colours only where they are wanted', () => {
    const stdout = (env: Record<string, string>) =>
      spawnSync(process.execPath, ['bin/lockstep.ts', 'check', fixture('syntax-errors')], {
        env: { PATH: process.env.PATH, ...env },
        encoding: 'utf8',
      }).stdout;
    expect(stdout({})).not.toContain('\u001b');
    expect(stdout({ FORCE_COLOR: '1' })).toContain('\u001b[31m');
    expect(stdout({ NO_COLOR: '1' })).not.toContain('\u001b');
  });
});
