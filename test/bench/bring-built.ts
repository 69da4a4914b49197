import { readFileSync } from 'node:fs';
import { parseBundle } from '../../lib/migrations/parse-bundle.ts';
import { bring, type Errand } from './bring.ts';

// A process that brings databases to the newest migration of a bundle that was built before: all that Lambdas ever see.

/** What it is told, as its one argument. */
export type BuiltErrand = Errand & { file: string; digest: string };

const errand: BuiltErrand = JSON.parse(process.argv[2]!);
void bring(errand, parseBundle(readFileSync(errand.file, 'utf8'), errand.digest));
