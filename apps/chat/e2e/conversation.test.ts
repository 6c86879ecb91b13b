/** People talk in real browsers through the real server. */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { ChatPage } from './chat-page.ts';
import { launchChromium, missingChromium } from './chromium.ts';
import { ServerProcess } from './server-process.ts';

describe('conversation', { skip: missingChromium }, () => {
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

  it('goes on between two pages, in one order, at once', async () => {
    await server.start();
    const ana = await ChatPage.join(browser, server.url, 'Ana');
    const bo = await ChatPage.join(browser, server.url, 'Bo');
    await ana.untilPeople(['Ana', 'Bo']);
    await bo.untilPeople(['Bo', 'Ana']);
    await ana.say('Hello, Bo');
    await bo.untilTexts(['Hello, Bo']);
    await bo.say('Hello, Ana');
    await ana.untilTexts(['Hello, Bo', 'Hello, Ana']);
    await bo.untilTexts(['Hello, Bo', 'Hello, Ana']);
    assert.deepEqual(await ana.page.locator('.author').allTextContents(), ['You', 'Bo']);
    await bo.close();
    await ana.untilPeople(['Ana']);
    assert.deepEqual(ana.errors, []);
  });

  it('shows a newcomer what was said, and to whoever reloads the page who he is', async () => {
    await server.start();
    const ana = await ChatPage.join(browser, server.url, 'Ana');
    await ana.say('Hello');
    await ana.untilTexts(['Hello']);
    const bo = await ChatPage.join(browser, server.url, 'Bo');
    await bo.untilTexts(['Hello']);
    await ana.page.reload();
    await ana.untilTexts(['Hello']);
    await bo.untilPeople(['Bo', 'Ana']);
    assert.deepEqual(await ana.page.locator('.author').allTextContents(), ['You']);
  });

  it('carries whatever can be typed, as text', async () => {
    await server.start();
    const ana = await ChatPage.join(browser, server.url, 'Ana');
    const bo = await ChatPage.join(browser, server.url, 'Bo');
    const texts = [
      'x'.repeat(10_000),
      'Family 👩‍👩‍👧, flag 🇰🇷, 안녕하세요, مرحبا',
      '<script>document.title = "broken"</script><img src=x onerror="document.title=1">',
      'two\nlines    and spaces',
    ];
    for (const text of texts) await ana.say(text);
    await ana.untilTexts(texts);
    await bo.untilTexts(texts);
    assert.equal(await bo.page.title(), 'Hawser chat');
    assert.equal(await bo.page.locator('.bubble *').count(), 0);
    assert.deepEqual(bo.errors, []);
  });

  it('sends nothing empty and nothing too long, and says why', async () => {
    await server.start();
    const ana = await ChatPage.join(browser, server.url, 'Ana');
    await ana.say('');
    await ana.say('  \n ');
    await ana.say('x'.repeat(16_001));
    await ana.page.getByRole('alert').filter({ hasText: 'too long' }).waitFor();
    await ana.page.getByText('1 character too many').waitFor();
    await ana.say('x');
    await ana.untilTexts(['x']);
    assert.equal(await ana.page.getByRole('alert').filter({ hasText: 'too long' }).count(), 0);
  });

  it('lets nobody take the name of somebody who is here', async () => {
    await server.start();
    await ChatPage.join(browser, server.url, 'Ana');
    const other = await ChatPage.open(browser, server.url);
    await other.giveName('ana');
    await other.page.getByRole('alert').filter({ hasText: 'already goes by “ana”' }).waitFor();
    await other.giveName('Bo');
    await other.untilPeople(['Bo', 'Ana']);
  });

  it('is about people, however many tabs they have', async () => {
    await server.start();
    const ana = await ChatPage.join(browser, server.url, 'Ana');
    const tab = new ChatPage(await ana.page.context().newPage());
    await tab.page.goto(server.url);
    await tab.untilPeople(['Ana']);
    await tab.say('from the other tab');
    await ana.untilTexts(['from the other tab']);
    assert.deepEqual(await ana.page.locator('.author').allTextContents(), ['You']);
    await tab.page.close();
    await ana.say('still here');
    await ana.untilPeople(['Ana']);
  });

  it('leaves whoever reads further up where he is, and tells what has come', async () => {
    await server.start();
    const ana = await ChatPage.join(browser, server.url, 'Ana');
    const bo = await ChatPage.join(browser, server.url, 'Bo');
    const texts = Array.from({ length: 19 }, (_, i) => `Message ${i + 1}\nof some height`);
    for (const text of texts) await ana.say(text);
    await bo.untilTexts(texts);
    const log = bo.page.getByRole('log');
    await log.focus();
    await bo.page.keyboard.press('Home');
    await bo.page.waitForFunction(() => document.querySelector('#log')?.scrollTop === 0);
    await ana.say('The newest');
    await bo.page.getByRole('button', { name: '1 new message' }).waitFor();
    assert.equal(await log.evaluate((element) => element.scrollTop), 0);
    await bo.page.getByRole('button', { name: '1 new message' }).click();
    await bo.page.getByText('The newest').waitFor();
    await bo.page.waitForFunction(isAtEnd);
    await ana.say('And another');
    await bo.page.getByText('And another').waitFor();
    await bo.page.waitForFunction(isAtEnd);
  });
});

function isAtEnd(): boolean {
  const log = document.querySelector('#log');
  return log !== null && log.scrollHeight - log.scrollTop - log.clientHeight < 2;
}
