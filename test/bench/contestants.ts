import { readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { resolveBinary } from 'dbmate';
import { build as esbuild } from 'esbuild';
import { bundle } from '../../lib/migrations/build.ts';
import { canonical } from '../../lib/migrations/digest.ts';
import type { Errand } from './bring.ts';
import type { Place } from './ground.ts';
import type { Change } from './history.ts';
import { LAYOUTS } from './layouts.ts';
import type { Command } from './process.ts';

export const PEERS = ['dbmate', 'node-pg-migrate'] as const;
export type Peer = (typeof PEERS)[number];

export type Contestant = {
  name: Peer | 'lockstep' | 'lockstep, bundle built before';
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
  const program = await compiled(folder);
  const ours = (from: Errand['from']) => ({
    notes: 'lockstep.history',
    widths: [1],
    commands: (places: Place[]) => {
      const errand: Errand = { endpoint, from, databases: places.map(({ database }) => database) };
      return [{ program: process.execPath, args: [program, JSON.stringify(errand)] }];
    },
  });
  return [
    { name: 'lockstep', ...ours({ folder: files }) },
    { name: 'lockstep, bundle built before', ...ours({ file, digest }) },
    await dbmate(await LAYOUTS.dbmate(join(folder, 'dbmate'), history)),
    await nodePgMigrate(await LAYOUTS['node-pg-migrate'](join(folder, 'node-pg-migrate'), history)),
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

const nodePgMigrate = async (files: string): Promise<Contestant> => {
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
        env: { DATABASE_URL: url },
      })),
  };
};

/** Our process as one file, the way the Lambda functions are deployed. */
const compiled = async (folder: string): Promise<string> => {
  const outfile = join(folder, 'bring.cjs');
  await esbuild({
    entryPoints: [join(import.meta.dirname, 'bring.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    logLevel: 'error',
    // It looks for its WebAssembly beside itself.
    external: ['libpg-query'],
  });
  const parser = createRequire(import.meta.url).resolve('libpg-query/package.json');
  await symlink(dirname(dirname(parser)), join(folder, 'node_modules'));
  return outfile;
};
