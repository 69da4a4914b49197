import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { failure } from '../../failure.ts';
import type { Token } from '../scan.ts';
import type { Source } from '../source.ts';
import { ruleNamed } from './rules.ts';

export const SquawkMissing = failure(
  'SquawkMissing',
  (it: { package: string }) =>
    `The linter squawk is not there for this machine: ${it.package} was not installed. Run npm install with optional dependencies; without it a bundle would not be the same as on other machines.`,
);

export type Squawked = { rule: string; at: number };

/**
 * What squawk finds in files, each an up: in the order of the files, at bytes of their bodies. One process for all.
 * It is given no comments: `squawk-ignore` asks for no reason, and Lockstep's own exceptions do.
 * @throws SquawkMissing
 */
export const runSquawk = async (
  files: { source: Source; tokens: Token[]; inTransaction: boolean }[],
): Promise<Squawked[][]> => {
  const found: Squawked[][] = files.map(() => []);
  const directory = await mkdtemp(join(tmpdir(), 'lockstep-lint-'));
  try {
    await writeFile(join(directory, 'none.toml'), '');
    for (const inTransaction of [true, false]) {
      const chosen = files.flatMap((file, at) => (file.inTransaction === inTransaction ? [{ ...file, at }] : []));
      if (chosen.length === 0) continue;
      const kind = inTransaction ? 'whole' : 'steps';
      await Promise.all(
        chosen.map(({ source, tokens, at }) =>
          writeFile(join(directory, `${at}.${kind}.sql`), withoutComments(source, tokens)),
        ),
      );
      for (const { file, line, column, rule_name } of await told(directory, kind)) {
        if (ruleNamed(rule_name) === undefined) continue;
        const at = Number.parseInt(file, 10);
        found[at]?.push({ rule: rule_name, at: byteAt(files[at]!.source.body, line, column) });
      }
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return found;
};

/** Blanks of the same length, so that places stay true. */
const withoutComments = ({ body }: Source, tokens: Token[]): Buffer => {
  const text = Buffer.from(body);
  for (const { kind, start, end } of tokens) {
    if (kind !== 'comment') continue;
    for (let at = start; at < end; at += 1) if (text[at] !== 0x0a && text[at] !== 0x0d) text[at] = 0x20;
  }
  return text;
};

const Told = z.array(
  z.object({ file: z.string(), line: z.int().min(0), column: z.int().min(0), rule_name: z.string() }),
);

const told = async (directory: string, kind: 'whole' | 'steps') => {
  const line = [
    ...['--config', join(directory, 'none.toml'), '--reporter', 'json'],
    ...(kind === 'whole' ? ['--assume-in-transaction'] : []),
    `*.${kind}.sql`,
  ];
  const options = { cwd: directory, maxBuffer: 1 << 30 };
  const answer = await promisify(execFile)(binary(), line, options).catch((error) => {
    // 1 says that something was found.
    if (error.code === 1 && typeof error.stdout === 'string') return error as { stdout: string };
    throw error;
  });
  return Told.parse(JSON.parse(answer.stdout));
};

const binary = (): string => {
  const name = `@squawk-cli/${platform()}-${arch()}`;
  // The packages of the platforms are squawk-cli's, not ours.
  const its = createRequire(createRequire(import.meta.url).resolve('squawk-cli/package.json'));
  try {
    return its.resolve(`${name}/bin/squawk${platform() === 'win32' ? '.exe' : ''}`);
  } catch (cause) {
    throw new SquawkMissing({ package: name }, { cause });
  }
};

/** squawk counts lines and bytes from 0, and ends lines at newlines alone. */
const byteAt = (body: Buffer, line: number, column: number): number => {
  let start = 0;
  for (let passed = 0; passed < line; passed += 1) start = body.indexOf(0x0a, start) + 1;
  return start + column;
};
