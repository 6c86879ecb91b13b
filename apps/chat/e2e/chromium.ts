/** The browser of the end-to-end tests: a Chromium of this machine, because the tests download none. */

import { existsSync } from 'node:fs';
import process from 'node:process';
import { type Browser, chromium } from 'playwright-core';

const candidates: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const executablePath = [process.env.CHROMIUM ?? '', ...candidates].find((path) => existsSync(path));

/** Why the tests in a browser are skipped; false when they are not. */
export const missingChromium: string | false =
  executablePath === undefined &&
  'Chromium is missing: apt-get install chromium, or set CHROMIUM to its path';

export function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(String(missingChromium));
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-sync',
    ],
  });
}
