/** In a real page: offline and online, and a reload that keeps what was not sent. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { bundle } from '../bundle.ts';
import { HubServer } from './hub-server.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip =
  !existsSync(executablePath) && 'Chromium is missing: apt-get install chromium, or set CHROMIUM to its path';

/** What the page runs: one client, and what it has heard. */
const source = `
  import { Client } from '@hawser/client';
  import { ReconnectingWebSocket } from '@hawser/client/reconnecting-websocket';
  import { webStorage } from '@hawser/client/storage';
  const url = new URLSearchParams(location.search).get('hub');
  const client = new Client(url, { token: 'ana', storage: webStorage('test'), backoff: { baseMs: 50, maxMs: 200 } });
  const room = client.channel('room:page');
  const heard = [];
  room.on('message', ({ data }) => heard.push(data));
  Object.assign(globalThis, { client, room, heard, ReconnectingWebSocket });
`;

describe('in Chromium', { skip }, () => {
  const hub = new HubServer();
  let browser: Browser;
  let pages: Server;
  let url: string;

  before(async () => {
    await hub.start();
    const script = await bundle(source);
    pages = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    const address = pages.address();
    assert.ok(typeof address === 'object' && address !== null);
    url = `http://127.0.0.1:${address.port}/?hub=${encodeURIComponent(hub.url)}`;
    browser = await launch();
  });

  after(async () => {
    await browser.close();
    pages.close();
    await hub.stop();
  });

  it('connects, publishes and hears', async () => {
    const page = await open(browser, url);
    await page.waitForFunction("client.state.status === 'connected' && room.position");
    assert.equal(await page.evaluate("room.publish('from the page').then(({ offset }) => offset > 0)"), true);
    await page.waitForFunction("heard.includes('from the page')");
    await page.context().close();
  });

  it('waits while the page is offline, and is back when it is online', async () => {
    const page = await open(browser, url);
    await page.waitForFunction("client.state.status === 'connected' && room.position");
    await page.context().setOffline(true);
    hub.cut();
    await page.waitForFunction("client.state.status !== 'connected'");
    await page.evaluate("void room.publish('written offline')");
    await page.context().setOffline(false);
    await page.waitForFunction("heard.includes('written offline')");
    await page.context().close();
  });

  it('keeps across a reload what was not sent, and where it was', async () => {
    const page = await open(browser, url);
    await page.waitForFunction("client.state.status === 'connected' && room.position");
    await page.evaluate("room.publish('before')");
    await page.waitForFunction("heard.includes('before')");
    await hub.stop();
    // At once, so that nothing but the page's last event is there to save it.
    const reloaded = page.waitForEvent('load');
    await page.evaluate("room.publish('not sent yet').catch(() => {}), location.reload()");
    await reloaded;
    await page.waitForFunction('globalThis.client !== undefined');
    await hub.start();
    await hub.hub.publish('room:page', 'after');
    await page.waitForFunction("heard.includes('not sent yet') && heard.includes('after')");
    const heard = await page.evaluate('heard');
    assert.ok(Array.isArray(heard));
    assert.deepEqual([...heard].sort(), ['after', 'not sent yet']);
    await page.context().close();
  });

  it('gives each tab a place of its own', async () => {
    const context = await browser.newContext();
    const tabs = [await context.newPage(), await context.newPage()];
    for (const tab of tabs) {
      await tab.goto(url);
      await tab.waitForFunction("client.state.status === 'connected' && room.position");
      await tab.evaluate("room.publish('x')");
    }
    await tabs[1]?.waitForFunction("localStorage.getItem('test:0') && localStorage.getItem('test:1')");
    await context.close();
  });

  it('speaks to any server through ReconnectingWebSocket', async () => {
    const page = await open(browser, url);
    const opened = `new Promise((resolve) => {
      const socket = new ReconnectingWebSocket(${JSON.stringify(hub.url)}, { protocols: ['hawser.v1'] });
      socket.onopen = () => { resolve(socket.protocol); socket.close(); };
    })`;
    assert.equal(await page.evaluate(opened), 'hawser.v1');
    await page.context().close();
  });
});

function launch(): Promise<Browser> {
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

/** A page of its own, with storage of its own. */
async function open(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction('globalThis.client !== undefined');
  return page;
}
