/**
 * The browser code of the WebSocket guide, word for word but for the host in its URLs, on a page of another origin. And what
 * that origin may not do.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, missingChromium } from './chromium.ts';
import { ServerProcess } from './server-process.ts';

const chatPage = `<!doctype html>
<form name="publish">
  <input type="text" name="message">
  <input type="submit" value="Send">
</form>
<div id="messages"></div>
<script>
  let socket = new WebSocket("ws://HOST/article/websocket/chat/ws");
  document.forms.publish.onsubmit = function() {
    socket.send(this.message.value);
    return false;
  };
  socket.onmessage = function(event) {
    let div = document.createElement("div");
    div.textContent = event.data;
    document.getElementById("messages").prepend(div);
  };
</script>`;

const helloPage = `<!doctype html>
<script>
  let socket = new WebSocket("ws://HOST/article/websocket/demo/hello");
  socket.onopen = function(e) { socket.send("Hello from client"); };
  socket.onmessage = function(event) { console.log("Received:", event.data); };
  socket.onclose = function(event) { console.log("Closed", event.code, event.reason); };
  socket.onerror = function(error) { console.error("Error", error); };
</script>`;

describe('the guide', { skip: missingChromium }, () => {
  const server = new ServerProcess();
  const elsewhere = createServer((request, response) => {
    const page = request.url === '/hello' ? helloPage : chatPage;
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page.replace('HOST', server.host));
  });
  let browser: Browser;
  let origin: string;

  before(async () => {
    browser = await launchChromium();
    await server.start();
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    origin = `http://127.0.0.1:${portOf(elsewhere)}`;
  });

  after(async () => {
    await browser.close();
    await server.stop();
    elsewhere.close();
  });

  it('has a chat, which runs here', async () => {
    const [one, other] = [await openChat(), await openChat()];
    await send(one, 'Hello');
    await untilMessages(one, ['Hello']);
    await send(other, '<b>Hello</b> yourself');
    await untilMessages(one, ['<b>Hello</b> yourself', 'Hello']);
    await untilMessages(other, ['<b>Hello</b> yourself', 'Hello']);
  });

  it('has a hello, which runs here', async () => {
    const page = await browser.newPage();
    const lines: string[] = [];
    page.on('console', (message) => lines.push(message.text()));
    const closed = page.waitForEvent('console', (message) => message.text().startsWith('Closed'));
    await page.goto(`${origin}/hello`);
    await closed;
    assert.deepEqual(lines, ['Received: Hello from server, client!', 'Closed 1000 Bye!']);
  });

  it('does not open the chat’s own endpoint to a page of another origin', async () => {
    const page = await browser.newPage();
    await page.goto(origin);
    assert.equal(await tryChat(page), 'refused');
    await page.goto(server.url);
    assert.equal(await tryChat(page), 'opened');
  });

  async function openChat(): Promise<Page> {
    const page = await browser.newPage();
    const connected = page.waitForEvent('websocket');
    await page.goto(origin);
    await connected;
    await page.waitForFunction('socket.readyState === WebSocket.OPEN');
    return page;
  }

  function tryChat(page: Page): Promise<string> {
    return page.evaluate(
      (host) =>
        new Promise((resolve) => {
          const socket = new WebSocket(`ws://${host}/chat`, 'hawser.chat.v0');
          socket.onopen = () => resolve('opened');
          socket.onerror = () => resolve('refused');
        }),
      server.host,
    );
  }
});

async function send(page: Page, text: string): Promise<void> {
  await page.locator('[name=message]').fill(text);
  await page.locator('[type=submit]').click();
}

async function untilMessages(page: Page, expected: readonly string[]): Promise<void> {
  await page.waitForFunction((texts) => {
    const shown = [...document.querySelectorAll('#messages div')].map((div) => div.textContent);
    return JSON.stringify(shown) === JSON.stringify(texts);
  }, expected);
}

function portOf(listening: Server): number {
  const address = listening.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
