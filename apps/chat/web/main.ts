/** The page: puts the chat and its views together, and lets the browser's network and visibility hurry a connection that waits. */

import { assertNever } from '../contract/assert-never.ts';
import { openBrowserSocket } from './browser-socket.ts';
import { Chat, type ChatPart } from './chat.ts';
import { Identity, randomId } from './identity.ts';
import { Outbox } from './outbox.ts';
import { rowsOf } from './rows.ts';
import { scheduleWithBrowser } from './schedule.ts';
import { keepIn } from './storage.ts';
import { bindThemeButton } from './theme.ts';
import { ComposerView } from './view/composer-view.ts';
import { find } from './view/dom.ts';
import { MessagesView } from './view/messages-view.ts';
import { NameView } from './view/name-view.ts';
import { PeopleView } from './view/people-view.ts';
import { ScrollKeeper } from './view/scroll-keeper.ts';
import { StatusView } from './view/status-view.ts';
import { TitleView } from './view/title-view.ts';

const frameMs = 16;
/** After joining, what comes by then belongs to the history. */
const historyMs = 1_000;

const forThisTab = keepIn(() => sessionStorage);

const chat = new Chat({
  openSocket: openBrowserSocket,
  schedule: scheduleWithBrowser,
  now: Date.now,
  random: Math.random,
  randomId,
  identity: new Identity(
    keepIn(() => localStorage),
    randomId,
  ),
  outbox: new Outbox(forThisTab),
  changed: render,
});

let renderIsDue = false;
const messages = new MessagesView();
const people = new PeopleView();
const scroll = new ScrollKeeper();
const title = new TitleView();
const composer = new ComposerView({ drafts: forThisTab, send });
const name = new NameView({ chat, done: () => composer.focus() });
const status = new StatusView({
  schedule: scheduleWithBrowser,
  situation: () => ({
    state: chat.connection,
    now: Date.now(),
    online: navigator.onLine,
    failure: chat.failure,
  }),
  retry: () => chat.retryNow(),
  moveFocus: () => composer.focus(),
});

bindThemeButton(
  find(document, '#theme-toggle', HTMLButtonElement),
  find(document, '#theme-toggle-text', HTMLElement),
);
addEventListener('online', () => chat.retryNow());
addEventListener('offline', () => status.render());
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) chat.retryNow();
});

name.render();
renderMessages();
chat.start();

function send(text: string): ReturnType<Chat['send']> {
  const result = chat.send(text);
  if (result.ok) scroll.toEnd();
  return result;
}

function render(part: ChatPart): void {
  switch (part) {
    case 'connection':
      return renderConnection();
    case 'name':
      return name.render();
    case 'people':
      return renderPeople();
    case 'messages':
      return renderMessagesSoon();
    default:
      return assertNever(part);
  }
}

function renderConnection(): void {
  status.render();
  renderPeople();
  if (chat.connection.phase !== 'connected') return;
  scheduleWithBrowser(historyMs, () => messages.announceAdditions());
}

function renderPeople(): void {
  people.render(chat.people, chat.you, chat.connection.phase === 'connected');
}

/** Once a frame, however many come: drawing a long list for each of them would keep the page from doing anything else. */
function renderMessagesSoon(): void {
  if (renderIsDue) return;
  renderIsDue = true;
  scheduleWithBrowser(frameMs, renderMessages);
}

function renderMessages(): void {
  renderIsDue = false;
  const entries = chat.entries;
  const added = messages.render(rowsOf(entries), Date.now());
  const connected = chat.connection.phase === 'connected';
  messages.showEmpty(connected && entries.length === 0);
  scroll.added(added);
  title.added(added);
}
