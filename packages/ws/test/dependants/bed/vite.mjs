/** Vite's dev server and a page in Chromium: an edited module arrives over the WebSocket, and the page stays. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { WebSocket, WebSocketServer } from 'ws';
import { chromiumArguments } from './chromium.mjs';
import { report } from './report.mjs';

const root = join(import.meta.dirname, 'page');
mkdirSync(root);
write(
  'index.html',
  '<!doctype html><title>Page</title><h1></h1><script type="module" src="./main.js"></script>',
);
write('greeting.js', "export const greeting = 'Hello';");
write(
  'main.js',
  `import { greeting } from './greeting.js';
  const show = (text) => { document.querySelector('h1').textContent = text; };
  show(greeting);
  import.meta.hot.accept('./greeting.js', (changed) => show(changed.greeting));
  import.meta.hot.on('bed:question', ({ question }) => import.meta.hot.send('bed:answer', question + ' Yes'));`,
);

let upgrades = 0;
const { handleUpgrade } = WebSocketServer.prototype;
WebSocketServer.prototype.handleUpgrade = function (...args) {
  upgrades += 1;
  return handleUpgrade.apply(this, args);
};

const vite = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { host: '127.0.0.1', port: 0 },
});
await vite.listen();
const browser = await chromium.launch({ executablePath: process.argv[2], args: chromiumArguments });
const page = await browser.newPage();
const connected = page.waitForEvent('console', (message) => message.text() === '[vite] connected.');
await page.goto(`http://127.0.0.1:${vite.httpServer.address().port}/`);
await connected;
const before = await heading('Hello');
await page.evaluate(() => {
  window.isSamePage = true;
});

write('greeting.js', "export const greeting = 'Hello again';");
const after = await heading('Hello again');
const isSamePage = await page.evaluate(() => window.isSamePage === true);
const answered = new Promise((resolve) => vite.ws.on('bed:answer', resolve));
vite.ws.send('bed:question', { question: 'Tea?' });
const answer = await answered;
const clients = [...vite.ws.clients].map(({ socket }) => socket instanceof WebSocket);

// What no module accepts takes the whole page.
const loaded = page.waitForEvent('load');
write('main.js', "document.querySelector('h1').textContent = 'New';");
await loaded;
const reloaded = await heading('New');

await browser.close();
await vite.close();
report({ upgrades, clients, before, after, isSamePage, answer, reloaded });

function write(name, text) {
  writeFileSync(join(root, name), text);
}

/** The page's heading, once it is this. */
async function heading(text) {
  await page
    .locator('h1')
    .filter({ hasText: new RegExp(`^${text}$`) })
    .waitFor();
  return page.locator('h1').textContent();
}
