/** The chat for everybody: by keyboard, by screen reader, on a small screen, in the dark. */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ChatPage } from './chat-page.ts';
import { launchChromium, missingChromium } from './chromium.ts';
import { ServerProcess } from './server-process.ts';

const phone = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true } as const;

describe('access', { skip: missingChromium }, () => {
  const server = new ServerProcess();
  let browser: Browser;

  before(async () => {
    browser = await launchChromium();
    await server.start();
  });

  after(async () => {
    await browser.close();
    await server.stop();
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  it('by keyboard alone: join, write lines, change the name, leave it, read', async () => {
    const { page } = await ChatPage.open(browser, server.url);
    assert.equal(await focused(page), 'Your name');
    await page.keyboard.type('Ana');
    await page.keyboard.press('Enter');
    await page.locator('#status-text').filter({ hasText: 'Connected' }).waitFor();
    assert.equal(await focused(page), 'Message');
    await page.keyboard.type('one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('two');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('.bubble')?.textContent === 'one\ntwo');
    assert.equal(await focused(page), 'Message');

    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(page), 'Change name');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'Your new name');
    await page.keyboard.press('Escape');
    assert.equal(await focused(page), 'Message');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Anna');
    await page.keyboard.press('Enter');
    await page.locator('#own-name').filter({ hasText: 'Anna' }).waitFor();
    assert.equal(await focused(page), 'Message');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(page), 'Messages');
  });

  it('by screen reader: landmarks, a log, labels, and what happens to the connection', async () => {
    const { page } = await ChatPage.join(browser, server.url, 'Bo');
    await page.getByRole('banner').waitFor();
    await page.getByRole('main').waitFor();
    await page.getByRole('complementary', { name: 'Here now' }).waitFor();
    await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
    await page.getByRole('status').filter({ hasText: 'Connected.' }).waitFor({ state: 'attached' });
    await page.getByRole('log', { name: 'Messages' }).waitFor();
    // Not before the history stands there, which nobody wants to hear in full.
    await page.locator('#log[aria-busy="false"]').waitFor();
    assert.equal(await page.locator('img:not([alt]), button:not([type])').count(), 0);
    assert.deepEqual(await unnamed(page), []);
  });

  it('on a screen of 360 pixels: nothing is wider than it, and people are behind a button', async () => {
    const chat = await ChatPage.open(browser, server.url, phone);
    assert.equal(await chat.sidewaysScroll(), 0);
    await chat.giveName('Wolfeschlegelsteinhausenbergerdorff Sr.');
    await chat.untilStatus('Connected');
    await chat.say('Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft');
    await chat.say('x'.repeat(500));
    await chat.page.waitForFunction(() => document.querySelectorAll('[data-delivery=sent]').length >= 2);
    assert.equal(await chat.sidewaysScroll(), 0);

    const people = chat.page.getByRole('complementary');
    assert.equal(await people.isVisible(), false);
    const button = chat.page.getByRole('button', { name: '1 person here' });
    await button.click();
    assert.equal(await button.getAttribute('aria-expanded'), 'true');
    assert.equal(await people.isVisible(), true);
    assert.equal(await chat.sidewaysScroll(), 0);
    await chat.page.keyboard.press('Escape');
    assert.equal(await people.isVisible(), false);

    await chat.page.getByRole('button', { name: 'Change name' }).click();
    assert.equal(await chat.sidewaysScroll(), 0);
    assert.equal(await chat.page.evaluate(lastMessageIsSeen), true);
  });

  it('in the dark when the system is, or when the button says so', async () => {
    const dark = await ChatPage.open(browser, server.url, { colorScheme: 'dark' });
    const light = await ChatPage.open(browser, server.url, { colorScheme: 'light' });
    assert.ok((await brightness(dark.page)) < 64);
    assert.ok((await brightness(light.page)) > 192);
    await light.page.getByRole('button', { name: 'Use dark colours' }).click();
    assert.ok((await brightness(light.page)) < 64);
    await light.page.reload();
    assert.ok((await brightness(light.page)) < 64);
    await light.page.getByRole('button', { name: 'Use light colours' }).click();
    assert.ok((await brightness(light.page)) > 192);
  });
});

/** The name of what has the focus. */
function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const labels = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
    const label = labels ? element.labels?.[0]?.textContent : element?.getAttribute('aria-label');
    return (label ?? element?.textContent)?.trim();
  });
}

/** Controls that a screen reader could not call by a name. */
function unnamed(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const controls = [...document.querySelectorAll<HTMLElement>('button, input, textarea')];
    return controls
      .filter((control) => control.checkVisibility())
      .filter((control) => {
        const hasLabel = 'labels' in control && document.querySelector(`label[for="${control.id}"]`) !== null;
        return !hasLabel && !control.getAttribute('aria-label') && !control.textContent?.trim();
      })
      .map((control) => control.id);
  });
}

/** From 0 to 255. */
function brightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const channels = getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? [];
    return channels.slice(0, 3).reduce((sum, channel) => sum + Number(channel), 0) / 3;
  });
}

function lastMessageIsSeen(): boolean {
  const last = [...document.querySelectorAll('.bubble')].at(-1)?.getBoundingClientRect();
  const log = document.querySelector('#log')?.getBoundingClientRect();
  return last !== undefined && log !== undefined && last.bottom <= log.bottom;
}
