/** The chat's page in a browser of its own, in the words of the tests. */

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export class ChatPage {
  readonly page: Page;
  /** What went wrong in the page: uncaught errors, and what the content security policy refused. */
  readonly errors: readonly string[];

  constructor(page: Page) {
    this.page = page;
    const errors: string[] = [];
    this.errors = errors;
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) errors.push(message.text());
    });
  }

  /** Opens the page as somebody who has never been here. */
  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<ChatPage> {
    const context = await browser.newContext(options);
    const chat = new ChatPage(await context.newPage());
    await chat.page.goto(url);
    return chat;
  }

  /** Opens the page and joins. */
  static async join(
    browser: Browser,
    url: string,
    name: string,
    options?: BrowserContextOptions,
  ): Promise<ChatPage> {
    const chat = await ChatPage.open(browser, url, options);
    await chat.giveName(name);
    await chat.untilStatus('Connected');
    return chat;
  }

  async giveName(name: string): Promise<void> {
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByRole('button', { name: 'Join' }).click();
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
  }

  /** What is in the list of messages, from top to bottom. */
  texts(): Promise<readonly string[]> {
    return this.page.locator('.bubble').allTextContents();
  }

  /** Waits until just these messages are in the list, all of them sent. */
  async untilTexts(expected: readonly string[]): Promise<void> {
    await this.page.waitForFunction((texts) => {
      const messages = [...document.querySelectorAll<HTMLElement>('.message')];
      const shown = messages.map((message) => message.querySelector('.bubble')?.textContent);
      const allSent = messages.every((message) => message.dataset.delivery === 'sent');
      return allSent && JSON.stringify(shown) === JSON.stringify(texts);
    }, expected);
  }

  /** Waits until so many messages are waiting to be sent. */
  async untilPending(count: number): Promise<void> {
    await this.page.waitForFunction(
      (expected) => document.querySelectorAll('[data-delivery="pending"]').length === expected,
      count,
    );
  }

  async untilStatus(status: string): Promise<void> {
    await this.page.locator('#status-text').filter({ hasText: status }).waitFor();
  }

  /** Waits until just these people are listed. */
  async untilPeople(expected: readonly string[]): Promise<void> {
    await this.page.waitForFunction((names) => {
      const shown = [...document.querySelectorAll('.person-name')].map((name) => name.textContent);
      return JSON.stringify(shown) === JSON.stringify(names);
    }, expected);
  }

  /** How far the page can be scrolled sideways. */
  sidewaysScroll(): Promise<number> {
    return this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
