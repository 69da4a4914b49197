import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import chromium, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** A real Chromium: the one that is named or installed, or else the one out of npm. */
export const openBrowser = async (): Promise<Browser> => {
  const installed = [
    process.env.LOCKSTEP_CHROMIUM ?? '',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => path !== '' && existsSync(path));
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  if (installed !== undefined) return playwright.launch({ executablePath: installed, args });
  // A machine without a browser lacks the libraries that one needs, too: they come in the same package.
  const archives = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../bin');
  await inflate(join(archives, 'al2023.tar.br'));
  const env = { ...process.env, LD_LIBRARY_PATH: join(tmpdir(), 'al2023/lib') } as Record<string, string>;
  return playwright.launch({ executablePath: await chromium.executablePath(), args: [...args, '--disable-gpu'], env });
};
