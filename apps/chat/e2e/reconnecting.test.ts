/** The server dies and comes back, and the pages find it again without losing or doubling a word. */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { ChatPage } from './chat-page.ts';
import { launchChromium, missingChromium } from './chromium.ts';
import { ServerProcess } from './server-process.ts';

describe('reconnecting', { skip: missingChromium }, () => {
  const server = new ServerProcess();
  let browser: Browser;

  before(async () => {
    browser = await launchChromium();
  });

  after(async () => {
    await browser.close();
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server.stop();
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    it(`works by itself after ${signal}, and sends what was typed meanwhile exactly once`, async () => {
      await server.start();
      const ana = await ChatPage.join(browser, server.url, 'Ana');
      const bo = await ChatPage.join(browser, server.url, 'Bo');
      await ana.say('before');
      await bo.untilTexts(['before']);

      await server.stop(signal);
      await ana.untilStatus('Reconnecting');
      await ana.page.getByText(/Reconnecting in \d+ s/).waitFor();
      for (const text of ['first', 'second', 'third']) await ana.say(text);
      await ana.untilPending(3);
      await ana.page.getByText('Waiting to be sent').first().waitFor();

      await server.start();
      await ana.untilStatus('Connected');
      await bo.untilStatus('Connected');
      await ana.untilTexts(['before', 'first', 'second', 'third']);
      await bo.untilTexts(['before', 'first', 'second', 'third']);
      await ana.untilPeople(['Ana', 'Bo']);
      await bo.say('after');
      await ana.untilTexts(['before', 'first', 'second', 'third', 'after']);
      const newcomer = await ChatPage.join(browser, server.url, 'Cy');
      await newcomer.untilTexts(['first', 'second', 'third', 'after']);
    });
  }

  it('keeps over a reload what was typed and what was being typed', async () => {
    await server.start();
    const ana = await ChatPage.join(browser, server.url, 'Ana');
    await ana.page.context().setOffline(true);
    await server.stop();
    await ana.untilStatus('Offline');
    await ana.say('typed offline');
    await ana.untilPending(1);
    const box = ana.page.getByLabel('Message', { exact: true });
    await box.fill('half a senten');
    await ana.page.context().setOffline(false);
    await server.start();
    await ana.page.reload();
    await ana.untilTexts(['typed offline']);
    assert.equal(await box.inputValue(), 'half a senten');
  });

  it('tries at once when the button is pressed, and when the network is back', async () => {
    await server.start();
    const ana = await ChatPage.open(browser, server.url);
    // Ten minutes of waiting, so that only a try out of turn is in time.
    await ana.page.addInitScript(() => {
      Math.random = () => 600;
    });
    await ana.page.reload();
    await ana.giveName('Ana');
    await ana.untilStatus('Connected');

    await server.stop('SIGKILL');
    await ana.page.getByText(/Reconnecting in \d{3} s/).waitFor();
    await server.start();
    await ana.page.getByRole('button', { name: 'Reconnect now' }).focus();
    await ana.page.keyboard.press('Enter');
    await ana.untilStatus('Connected');
    // The button is gone, and the focus is where it is of use.
    await ana.page.keyboard.type('back');
    await ana.page.keyboard.press('Enter');
    await ana.untilTexts(['back']);

    await server.stop('SIGKILL');
    await ana.page.getByText(/Reconnecting in \d{3} s/).waitFor();
    await ana.page.context().setOffline(true);
    await ana.untilStatus('Offline');
    await server.start();
    await ana.page.context().setOffline(false);
    await ana.untilStatus('Connected');
  });
});
