/** playwright-core: it drives Chromium over the DevTools protocol, and a browser that another Playwright serves. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import bundle from 'playwright-core/lib/utilsBundle';
import { WebSocket, WebSocketServer } from 'ws';
import { chromiumArguments } from './chromium.mjs';
import { report } from './report.mjs';

const executablePath = process.argv[2];

report({
  isOurs: [bundle.ws === WebSocket, bundle.wsServer === WebSocketServer],
  overDevTools: await overDevTools(),
  overServer: await overServer(),
});

/** To a Chromium that listens by itself. */
async function overDevTools() {
  const browser = spawn(executablePath, [
    ...chromiumArguments,
    '--headless',
    '--remote-debugging-port=0',
    `--user-data-dir=${join(import.meta.dirname, 'profile')}`,
    'about:blank',
  ]);
  const exited = once(browser, 'exit');
  try {
    const driver = await chromium.connectOverCDP(await endpoint(browser));
    const findings = await drive(driver.contexts()[0]);
    await driver.close();
    return findings;
  } finally {
    browser.kill();
    await exited;
  }
}

/** To a Playwright that serves a browser: both ends are ours. */
async function overServer() {
  const server = await chromium.launchServer({ executablePath, args: chromiumArguments, host: '127.0.0.1' });
  const driver = await chromium.connect(server.wsEndpoint());
  const findings = await drive(await driver.newContext());
  const gone = new Promise((resolve) => driver.once('disconnected', resolve));
  await server.close();
  await gone;
  return { ...findings, isConnected: driver.isConnected() };
}

/** A page is filled in, clicked, asked, and its picture is taken. */
async function drive(context) {
  const page = await context.newPage();
  await page.setContent('<input><button>Greet</button><p></p>');
  await page.evaluate(() => {
    document.querySelector('button').onclick = () => {
      document.querySelector('p').textContent = `Hello ${document.querySelector('input').value}`;
    };
  });
  await page.locator('input').fill('Ana');
  await page.getByRole('button', { name: 'Greet' }).click();
  const greeting = await page.locator('p').textContent();
  const long = await page.evaluate((text) => text.toUpperCase(), 'é'.repeat(300_000));
  const picture = await page.screenshot();
  await page.close();
  return { greeting, long: [long.length, long.slice(0, 2)], picture: picture.subarray(1, 4).toString() };
}

async function endpoint(browser) {
  for await (const line of createInterface(browser.stderr)) {
    const url = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      // Nobody reads the rest, which must not fill the pipe.
      browser.stderr.resume();
      return url;
    }
  }
  throw new Error('Expected Chromium to print where it listens, received nothing');
}
