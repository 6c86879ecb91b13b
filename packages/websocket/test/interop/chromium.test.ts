/** Together with Chromium: a page echoes, and what its DevTools saw is compared with what was said. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { after, describe } from 'node:test';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { eachCompression, talkAsServer } from './conversation.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip =
  !existsSync(executablePath) && 'Chromium is missing: apt-get install chromium, or set CHROMIUM to its path';

const TEXT = 1;

describe('Chromium', () => {
  let browser: Browser | undefined;

  after(() => browser?.close());

  eachCompression('as our server’s client', skip, async (t, compression) => {
    browser ??= await launch();
    const page = await browser.newPage();
    t.after(() => page.close());
    const devTools = await page.context().newCDPSession(page);
    const seen = await watch(devTools);
    const closed = new Promise<void>((resolve) => {
      devTools.once('Network.webSocketClosed', () => resolve());
    });
    await talkAsServer(t, compression, (url) => echo(page, url));
    await closed;
    assert.match(seen.extensions, compression === 'off' ? /^$/ : /^permessage-deflate/);
    // The server's messages, and all of them back.
    assert.ok(seen.received.length >= 14);
    assert.deepEqual(seen.sent, seen.received);
    const first = ['text 0 ', 'binary 0 ', 'text 1 ', 'binary 1 '];
    assert.ok(first.every((start, index) => seen.received[index]?.startsWith(start)));
    assert.deepEqual(seen.errors, []);
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

/** What the DevTools' network panel shows of the page's connection. */
interface Seen {
  extensions: string;
  readonly received: string[];
  readonly sent: string[];
  readonly errors: string[];
}

async function watch(devTools: CDPSession): Promise<Seen> {
  const seen: Seen = { extensions: '', received: [], sent: [], errors: [] };
  devTools.on('Network.webSocketHandshakeResponseReceived', ({ response }) => {
    seen.extensions = response.headers['Sec-WebSocket-Extensions'] ?? '';
  });
  devTools.on('Network.webSocketFrameReceived', ({ response }) => seen.received.push(tell(response)));
  devTools.on('Network.webSocketFrameSent', ({ response }) => seen.sent.push(tell(response)));
  devTools.on('Network.webSocketFrameError', ({ errorMessage }) => seen.errors.push(errorMessage));
  await devTools.send('Network.enable');
  return seen;
}

/** A message's type, its length in bytes and a hash of them: DevTools have binary in base64. */
function tell({ opcode, payloadData }: { opcode: number; payloadData: string }): string {
  const isText = opcode === TEXT;
  const bytes = Buffer.from(payloadData, isText ? 'utf8' : 'base64');
  return `${isText ? 'text' : 'binary'} ${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Has the page connect and echo. */
function echo(page: Page, url: string): Promise<void> {
  return page.evaluate((address) => {
    const socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => socket.send(data);
  }, url);
}
