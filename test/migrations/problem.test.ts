import { describe, expect, it } from 'vitest';
import { type Problem, render } from '../../lib/migrations/problem.ts';

const shown = (excerpt: string, column: number, more: Partial<Problem> = {}) =>
  render({ file: 'a.sql', line: 3, column, message: 'is wrong', excerpt, ...more }).split('\n');

describe('a problem', () => {
  it('is shown with its place, its line, a caret and what to do', () => {
    expect(shown('SELECT b', 8, { remedy: 'write c' })).toEqual([
      'a.sql:3:8 is wrong',
      '  SELECT b',
      '         ^',
      '  write c',
    ]);
  });

  it('is one line when it concerns the file as a whole', () => {
    expect(render({ file: 'a.sql', line: 1, column: 1, message: 'is wrong' })).toBe('a.sql:1:1 is wrong');
  });

  it('has its caret under wide characters, marks and tabs', () => {
    expect(shown("'表😀e\u0301', x", 9)[2]).toBe(`  ${' '.repeat(1 + 2 + 2 + 1 + 3)}^`);
    expect(shown('\ta\tb', 4)[2]).toBe('  \t \t^');
  });

  it('shows of a long line what surrounds the place', () => {
    const [, line, caret] = shown(`${'x'.repeat(5000)}!${'y'.repeat(5000)}`, 5001);
    expect(line).toHaveLength(2 + 162);
    expect(line![caret!.length - 1]).toBe('!');
    const [, start, first] = shown(`!${'y'.repeat(5000)}`, 1);
    expect(start![first!.length - 1]).toBe('!');
    const [, end, last] = shown(`${'x'.repeat(5000)}!`, 5001);
    expect(end![last!.length - 1]).toBe('!');
  });

  it('cannot steer the terminal', () => expect(shown('a\u001b[31mb', 1)[1]).toBe('  a\ufffd[31mb'));

  it('is coloured only on demand', () => {
    const problem = { file: 'a.sql', line: 1, column: 1, message: 'is wrong', excerpt: 'x' };
    expect(render(problem)).not.toContain('\u001b');
    expect(render(problem, { colours: true })).toContain('\u001b[31mis wrong');
  });
});
