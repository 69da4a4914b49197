import { existsSync } from 'node:fs';
import chromium from '@sparticuz/chromium';
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
  return playwright.launch({ executablePath: await chromium.executablePath(), args: [...chromium.args, ...args] });
};
