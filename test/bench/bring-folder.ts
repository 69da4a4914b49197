import { bundle as build } from '../../lib/migrations/build.ts';
import { bring, type Errand } from './bring.ts';

// A process that bundles migration files first, and then brings databases to the newest of them.

/** What it is told, as its one argument. */
export type FolderErrand = Errand & { folder: string };

const errand: FolderErrand = JSON.parse(process.argv[2]!);
void build(errand.folder).then(({ bundle }) => bring(errand, bundle));
