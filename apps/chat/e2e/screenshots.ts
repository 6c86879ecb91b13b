/**
 * Takes the pictures of the chat: the one in the README, and with a folder's name all the others, for whoever changes the look.
 *
 *     npm run screenshots -w @hawser/chat
 *     npm run screenshots -w @hawser/chat -- /tmp/pictures
 */

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { ChatServer } from '../server/chat-server.ts';
import { ChatPage } from './chat-page.ts';
import { launchChromium } from './chromium.ts';

const locale = 'en-GB';
const desktop: BrowserContextOptions = {
  locale,
  viewport: { width: 1200, height: 892 },
  deviceScaleFactor: 2,
};
const phone: BrowserContextOptions = {
  locale,
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};
const smallPhone: BrowserContextOptions = { ...phone, viewport: { width: 360, height: 640 } };
const dark = { colorScheme: 'dark' } as const;

const people = ['Mara Lindqvist', 'Ines Duarte', 'Jonas'] as const;

const conversation: readonly (readonly [speaker: (typeof people)[number], minute: number, text: string])[] = [
  ['Mara Lindqvist', 2, 'Morning, both. The Aurora is in at eleven, one hour early.'],
  ['Ines Duarte', 4, 'I can meet her. Which berth?'],
  ['Jonas', 4, 'Four. The crane is booked there until noon, so please keep the landward side clear.'],
  ['Jonas', 5, 'Wind is south-west, 14 knots and rising. Give her two springs and double the breast line.'],
  ['Mara Lindqvist', 9, 'Thanks, Jonas. I will tell the pilot.'],
  ['Ines Duarte', 12, 'Two springs it is.\nI am taking Piotr and the small van, back by twelve.'],
  ['Mara Lindqvist', 13, 'The fender list is with you. Let me know when she is fast.'],
];

const root = resolve(import.meta.dirname, '..');
const repository = resolve(root, '..', '..');
const [folder] = process.argv.slice(2);

const morning = new Date().setHours(9, 0, 0, 0);
let minute = 0;
const server = new ChatServer({ root, now: () => morning + minute * 60_000 });
const port = await server.listen({ port: 0, hosts: ['127.0.0.1'] });
const url = `http://127.0.0.1:${port}`;
const browser = await launchChromium();

try {
  if (folder === undefined) await takeReadmePicture(browser);
  else await takeAllPictures(browser, folder);
} finally {
  await browser.close();
  await server.close();
}

async function takeReadmePicture(on: Browser): Promise<void> {
  const [mara] = await talk(on, [desktop, desktop, desktop]);
  await mara?.page.screenshot({ path: join(repository, 'docs', 'images', 'chat.png') });
}

async function takeAllPictures(on: Browser, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  const shoot = (chat: ChatPage | undefined, name: string): Promise<unknown> =>
    Promise.resolve(chat?.page.screenshot({ path: join(to, `${name}.png`) }));

  await shoot(await ChatPage.open(on, url, desktop), 'name');
  await shoot(await ChatPage.open(on, url, { ...smallPhone, ...dark }), 'name-phone-dark');
  const first = await ChatPage.join(on, url, 'Mara', desktop);
  await first.page.getByText('All quiet').waitFor();
  await shoot(first, 'empty');
  await first.close();

  const pages = await talk(on, [desktop, { ...desktop, ...dark }, phone]);
  const [mara, ines, jonas] = pages;
  await shoot(mara, 'chat');
  await shoot(ines, 'chat-dark');
  await shoot(jonas, 'chat-phone');
  const small = await ChatPage.join(on, url, 'Piotr', { ...smallPhone, ...dark });
  await shoot(small, 'chat-phone-dark');
  await small.page.getByRole('button', { name: '4 people here' }).click();
  await shoot(small, 'people-phone-dark');
  await small.page.keyboard.press('Escape');
  await mara?.page.getByRole('button', { name: 'Change name' }).click();
  await shoot(mara, 'rename');
  await mara?.page.keyboard.press('Escape');

  await lose([...pages, small]);
  await shoot(mara, 'waiting');
  await shoot(ines, 'waiting-dark');
  await shoot(jonas, 'waiting-phone');
  await shoot(small, 'waiting-phone-dark');
}

/** Everybody joins and says what there is to say. */
async function talk(on: Browser, options: readonly BrowserContextOptions[]): Promise<readonly ChatPage[]> {
  const pages: ChatPage[] = [];
  for (const [index, name] of people.entries()) {
    pages.push(await ChatPage.join(on, url, name, options[index]));
  }
  const texts: string[] = [];
  for (const [speaker, saidAt, text] of conversation) {
    minute = saidAt;
    texts.push(text);
    await pages[people.indexOf(speaker)]?.say(text);
    for (const page of pages) await page.untilTexts(texts);
  }
  // Away from the button, which would show that it is pointed at.
  for (const { page } of pages) await page.mouse.move(0, 0);
  return pages;
}

/** The server goes, everybody waits for a good while, and has something to say meanwhile. */
async function lose(pages: readonly ChatPage[]): Promise<void> {
  for (const { page } of pages) {
    await page.evaluate(() => {
      Math.random = () => 20;
    });
  }
  await server.close();
  for (const chat of pages) {
    await chat.page.getByText(/Reconnecting in \d+ s/).waitFor();
    await chat.say('She is fast, all lines doubled.');
    await chat.untilPending(1);
    await chat.page.mouse.move(0, 0);
  }
}
