import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';

/** Whatever a synthesis leaves behind goes in here, and away when the file's tests are over. */
export const temporary = mkdtempSync(join(tmpdir(), 'lockstep-synth-'));

vi.stubEnv('TMPDIR', temporary);
afterAll(() => rmSync(temporary, { recursive: true }));
