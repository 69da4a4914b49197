import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** From left to right; an import may only point to the left, or to a neighbour of the same stage. */
const stages = [
  ['lib/migrations'],
  ['lib/database'],
  ['lib/ledger', 'lib/fleet', 'lib/policy', 'lib/approval'],
  ['lambdas'],
  ['lib/pipeline', 'lib/local', 'lib/cli'],
  ['lib/index.ts'],
  ['bin'],
];

/** What every room may import. */
const forAll = ['lib/failure.ts', 'package.json'];

/** Imports of types count too: they are where a room begins to depend on another. */
type Import = { from: string; to: string };

const files = ['lib', 'lambdas', 'bin'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((it) => join(folder, it).replaceAll('\\', '/'))
    .filter((it) => it.endsWith('.ts')),
);
const pipeline = stageOf('lib/pipeline/workflow.ts');
const imports = files.flatMap((file) => importsOf(file, readFileSync(file, 'utf8')));

describe('the architecture', () => {
  test('has a place for every file', () => {
    expect(files.length).toBeGreaterThan(150);
    expect(files.filter((it) => !forAll.includes(it) && stageOf(it) === -1)).toEqual([]);
  });

  test('lets imports point to the left only', () => {
    expect(imports.filter(({ to }) => !isPackage(to)).length).toBeGreaterThan(300);
    expect(imports.filter(pointsRight).map(told)).toEqual([]);
  });

  test('has no two rooms of one stage that import each other', () => {
    const pairs = new Set(
      imports.filter(({ to }) => !isPackage(to)).map(({ from, to }) => `${roomOf(from)} ${roomOf(to)}`),
    );
    const mutual = [...pairs].filter((pair) => {
      const [from, to] = pair.split(' ');
      return from !== to && pairs.has(`${to} ${from}`);
    });
    expect(mutual).toEqual([]);
  });

  test('keeps the AWS CDK out of all that becomes part of a function', () => {
    const left = imports.filter(({ from }) => stageOf(from) < pipeline);
    expect(left.length).toBeGreaterThan(100);
    expect(left.filter(({ to }) => /^(aws-cdk-lib|constructs|cdk-nag)\b/.test(to)).map(told)).toEqual([]);
  });

  test('keeps migrations, policy and the planning of waves free of AWS and of the environment', () => {
    const pure = files.filter((it) => /^lib\/(migrations|policy)\/|^lib\/fleet\/waves\.ts$/.test(it));
    expect(pure.length).toBeGreaterThan(20);
    expect(
      imports.filter(({ from, to }) => pure.includes(from) && /^(@aws|@smithy|(node:)?process$)/.test(to)).map(told),
    ).toEqual([]);
    expect(pure.filter((it) => /\bprocess\.|\bDate\.now|new Date\(\)/.test(readFileSync(it, 'utf8')))).toEqual([]);
  });

  test('has one reader of environment variables among the steps and all that they stand on', () => {
    const steps = files.filter((it) => stageOf(it) < pipeline);
    expect(steps.filter((it) => readFileSync(it, 'utf8').includes('process.env'))).toEqual(['lambdas/services.ts']);
  });

  test('has no file of more than 250 lines', () => {
    expect(files.filter((it) => readFileSync(it, 'utf8').trimEnd().split('\n').length > 250)).toEqual([]);
  });

  test('has no drawers', () => {
    const drawers = /(^|\/)(utils?|helpers?|commons?|index|types|misc)(\.ts|\/)/;
    expect(files.filter((it) => drawers.test(it))).toEqual(['lib/index.ts']);
  });
});

describe('the look at the imports', () => {
  test('sees every way to import', () => {
    const text = [
      "import './a.ts';",
      "import b from './b.ts';",
      "import {\n  c,\n  type C,\n} from './c.ts';",
      "import type { D } from './d.ts';",
      "export { e } from '../e.ts';",
      "export type * from './f.ts';",
      "const g = await import('./g.ts');",
      "type H = import('./h.ts').H;",
      "import { x } from 'aws-cdk-lib/aws-s3';",
    ].join('\n');
    expect(importsOf('lib/fleet/here.ts', text).map(told)).toEqual([
      'lib/fleet/here.ts imports lib/fleet/a.ts',
      'lib/fleet/here.ts imports lib/fleet/b.ts',
      'lib/fleet/here.ts imports lib/fleet/c.ts',
      'lib/fleet/here.ts imports lib/fleet/d.ts',
      'lib/fleet/here.ts imports lib/e.ts',
      'lib/fleet/here.ts imports lib/fleet/f.ts',
      'lib/fleet/here.ts imports lib/fleet/g.ts',
      'lib/fleet/here.ts imports lib/fleet/h.ts',
      'lib/fleet/here.ts imports aws-cdk-lib/aws-s3',
    ]);
  });

  test('knows left from right', () => {
    const from = (from: string, to: string) => pointsRight({ from, to });
    expect(from('lib/migrations/build.ts', 'lib/database/apply.ts')).toBe(true);
    expect(from('lib/database/apply.ts', 'lib/migrations/bundle.ts')).toBe(false);
    expect(from('lib/fleet/plan.ts', 'lib/policy/risk.ts')).toBe(false);
    expect(from('lambdas/plan.ts', 'lib/pipeline/props.ts')).toBe(true);
    expect(from('lib/cli/live.ts', 'test/helpers/folder.ts')).toBe(true);
    expect(from('lib/failure.ts', 'lib/migrations/bundle.ts')).toBe(true);
    expect(from('lib/migrations/build.ts', 'lib/failure.ts')).toBe(false);
  });
});

function importsOf(from: string, text: string): Import[] {
  const statement =
    /^(?:import|export)\b[^;'"]*?\bfrom '(?<path>[^']+)'|^import '(?<bare>[^']+)'|\bimport\('(?<lazy>[^']+)'\)/gm;
  return [...text.matchAll(statement)].map(({ groups: { path, bare, lazy } = {} }) => {
    const specifier = (path ?? bare ?? lazy)!;
    const to = specifier.startsWith('.') ? join(dirname(from), specifier).replaceAll('\\', '/') : specifier;
    return { from, to };
  });
}

function pointsRight({ from, to }: Import): boolean {
  if (isPackage(to) || forAll.includes(to)) return false;
  return stageOf(to) === -1 || stageOf(to) > stageOf(from);
}

function isPackage(to: string): boolean {
  return !/^(lib|lambdas|bin|test)\/|^package\.json$/.test(to);
}

function stageOf(file: string): number {
  return stages.findIndex((rooms) => rooms.includes(roomOf(file)));
}

function roomOf(file: string): string {
  if (file === 'lib/index.ts') return file;
  return file.startsWith('lib/') ? dirname(file).split('/').slice(0, 2).join('/') : dirname(file);
}

function told({ from, to }: Import): string {
  return `${from} imports ${to}`;
}
