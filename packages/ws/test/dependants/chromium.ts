/** The browser of the tests with a page: a Chromium of this machine, because the tests download none. */

import { existsSync } from 'node:fs';
import process from 'node:process';

const candidates: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const found = [process.env.CHROMIUM ?? '', ...candidates].find((path) => existsSync(path));

/** Where it is; empty when it is missing. */
export const chromiumPath: string = found ?? '';

/** Why these tests are skipped; false when they are not. */
export const missingChromium: string | false =
  found === undefined && 'Chromium is missing: apt-get install chromium, or set CHROMIUM to its path';
