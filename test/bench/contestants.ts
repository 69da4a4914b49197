import { readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { resolveBinary } from 'dbmate';
import { build as esbuild } from 'esbuild';
import { bundle } from '../../lib/migrations/build.ts';
import { canonical } from '../../lib/migrations/digest.ts';
import type { Errand } from './bring.ts';
import type { BuiltErrand } from './bring-built.ts';
import type { FolderErrand } from './bring-folder.ts';
import type { Place } from './ground.ts';
import type { Change } from './history.ts';
import { LAYOUTS } from './layouts.ts';
import type { Command } from './process.ts';

export const PEERS = ['dbmate', 'node-pg-migrate'] as const;
export type Peer = (typeof PEERS)[number];

export type Contestant = {
  name: Peer | 'lockstep' | 'lockstep, bundling first';
  /** The table in which it notes what it has applied. */
  notes: string;
  /** What its user would run for these databases. */
  commands(places: Place[]): Command[];
  /** How many commands may be worth running at once: the best of them is looked for. */
  widths: number[];
};

/** Writes each one's files to the folder and builds what has to be built. */
export const contestants = async (folder: string, endpoint: string, history: Change[]): Promise<Contestant[]> => {
  const files = await LAYOUTS.lockstep(join(folder, 'lockstep'), history);
  const { bundle: built, digest } = await bundle(files);
  const file = join(folder, 'bundle.json');
  await writeFile(file, canonical(built));
  await compile(folder);
  const compileCache = join(folder, 'compile-cache');
  const ours = (program: string, from: Omit<BuiltErrand, keyof Errand> | Omit<FolderErrand, keyof Errand>) => ({
    notes: 'lockstep.history',
    widths: [1],
    commands: (places: Place[]) => {
      const errand = { endpoint, databases: places.map(({ database }) => database), ...from };
      return [
        {
          program: process.execPath,
          args: [join(folder, program), JSON.stringify(errand)],
          env: { NODE_COMPILE_CACHE: compileCache },
        },
      ];
    },
  });
  return [
    { name: 'lockstep', ...ours('bring-built.cjs', { file, digest }) },
    { name: 'lockstep, bundling first', ...ours('bring-folder.cjs', { folder: files }) },
    await dbmate(await LAYOUTS.dbmate(join(folder, 'dbmate'), history)),
    await nodePgMigrate(await LAYOUTS['node-pg-migrate'](join(folder, 'node-pg-migrate'), history), compileCache),
  ];
};

/** One process a database, as their users do it: one after another, one a processor, or all at once. */
const peerWidths = [...new Set([1, availableParallelism(), 10])];

/** The program itself, not the Node script of the npm package that starts it. Without a dump: that needs pg_dump. */
const dbmate = async (files: string): Promise<Contestant> => ({
  name: 'dbmate',
  notes: 'public.schema_migrations',
  widths: peerWidths,
  commands: (places) =>
    places.map(({ url }) => ({
      program: resolveBinary(),
      args: ['--url', url, '--migrations-dir', files, '--no-dump-schema', 'migrate'],
    })),
});

const nodePgMigrate = async (files: string, compileCache: string): Promise<Contestant> => {
  const manifest = createRequire(import.meta.url).resolve('node-pg-migrate/package.json');
  const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { bin: Record<string, string> };
  const script = join(dirname(manifest), bin['node-pg-migrate']!);
  return {
    name: 'node-pg-migrate',
    notes: 'public.pgmigrations',
    widths: peerWidths,
    commands: (places) =>
      places.map(({ url }) => ({
        program: process.execPath,
        args: [script, 'up', '--migrations-dir', files, '--no-verbose'],
        env: { DATABASE_URL: url, NODE_COMPILE_CACHE: compileCache },
      })),
  };
};

/** Our processes as one file each, the way the Lambda functions are deployed. */
const compile = async (folder: string) => {
  await esbuild({
    entryPoints: ['bring-built', 'bring-folder'].map((name) => join(import.meta.dirname, `${name}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    // The SDK imports node:http only where the endpoint is no https, and import() of that loads all of fetch with it.
    supported: { 'dynamic-import': false },
    logLevel: 'error',
    // It looks for its WebAssembly beside itself, and bundling for the linter beside the file that it is in.
    external: ['libpg-query'],
    define: { 'import.meta.url': 'thisFile' },
    banner: { js: "const thisFile = require('node:url').pathToFileURL(__filename).href;" },
  });
  const parser = createRequire(import.meta.url).resolve('libpg-query/package.json');
  await symlink(dirname(dirname(parser)), join(folder, 'node_modules'));
};
