import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A service's state in one JSON file that only its owner may read. Replaced by renaming: a crash leaves the old or the new. */
export const stateFile = <State>(path: string, empty: State) => ({
  read: (): State => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : empty),
  write(state: State) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify(state, null, 1), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  },
});
