/**
 * The page's chat and the server's sessions, joined by a network that the test holds in its hands: what is sent arrives a moment
 * later by the test's clock, and what is on its way when a connection is cut is lost.
 */

import { encodeServerMessage } from '../contract/server-message.ts';
import { ChatRoom } from '../server/chat-room.ts';
import { ChatSession } from '../server/chat-session.ts';
import { Chat, type ChatPart } from '../web/chat.ts';
import type { OpenSocket, SocketEvents } from '../web/connection.ts';
import { Identity } from '../web/identity.ts';
import { Outbox } from '../web/outbox.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryStorage } from './memory-storage.ts';

export const latencyMs = 10;

export interface Page {
  readonly chat: Chat;
  readonly outbox: Outbox;
  readonly changes: readonly ChatPart[];
  /** What the page's storages hold, for the page that comes after a reload. */
  readonly storage: MemoryStorage;
  /** Breaks this page's connection, with whatever is on its way. */
  cut(): void;
}

export class FakeNetwork {
  readonly clock = new FakeClock();
  readonly #links = new Set<Link>();
  #room: ChatRoom;
  #epochs = 0;
  #ids = 0;
  #isUp = true;

  constructor() {
    this.#room = this.#newRoom();
  }

  /** Opens the page, in a browser of its own unless a storage is given. */
  open(name: string | undefined, storage: MemoryStorage = new MemoryStorage()): Page {
    const changes: ChatPart[] = [];
    const outbox = new Outbox(storage);
    const identity = new Identity(storage, () => this.#newId());
    if (name !== undefined) identity.name = name;
    const links = new Set<Link>();
    const chat = new Chat({
      openSocket: (events) => this.#openSocket(events, links),
      schedule: this.clock.schedule,
      now: this.clock.now,
      random: () => 1,
      randomId: () => this.#newId(),
      identity,
      outbox,
      changed: (part) => void changes.push(part),
    });
    chat.start();
    return { chat, outbox, changes, storage, cut: () => cutAll(links) };
  }

  /** Lets so much time pass that whatever can arrive has arrived. */
  settle(): void {
    this.clock.advance(latencyMs * 20);
  }

  /** What the server has, as a newcomer would get it. */
  serverTexts(): readonly string[] {
    const newcomer = { deliver: () => undefined };
    const entry = { personId: 'newcomer', name: 'Newcomer', since: undefined };
    const admission = this.#room.enter(newcomer, entry);
    this.#room.leave(newcomer);
    return admission.type === 'welcome' ? admission.messages.map(({ text }) => text) : [];
  }

  /** The server is gone, and with it what the room remembered. */
  stop(): void {
    this.#isUp = false;
    cutAll(this.#links);
  }

  restart(): void {
    this.stop();
    this.#room = this.#newRoom();
    this.#isUp = true;
  }

  #openSocket(events: SocketEvents, ofPage: Set<Link>): ReturnType<OpenSocket> {
    const link = new Link(this.clock, events, this.#isUp ? this.#room : undefined);
    for (const links of [this.#links, ofPage]) links.add(link);
    return { send: (text) => link.toServer(text), close: () => link.cut() };
  }

  #newRoom(): ChatRoom {
    this.#epochs += 1;
    return new ChatRoom({ epoch: `e${this.#epochs}`, now: this.clock.now });
  }

  #newId(): string {
    this.#ids += 1;
    return `id-${String(this.#ids).padStart(16, '0')}`;
  }
}

/** One connection. Each of its ends learns a moment later that it was cut. */
class Link {
  readonly #clock: FakeClock;
  readonly #events: SocketEvents;
  readonly #session: ChatSession | undefined;
  #isCut = false;

  constructor(clock: FakeClock, events: SocketEvents, room: ChatRoom | undefined) {
    this.#clock = clock;
    this.#events = events;
    this.#session = room && this.#newSession(room);
    if (this.#session === undefined) this.cut();
    else this.#later(() => events.opened());
  }

  toServer(text: string): void {
    this.#later(() => this.#session?.receive(text));
  }

  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#session?.end();
    this.#clock.schedule(latencyMs, () => this.#events.closed());
  }

  #newSession(room: ChatRoom): ChatSession {
    const { now, schedule } = this.#clock;
    const toPage = (text: string): void => this.#later(() => this.#events.received(text));
    const line = {
      send: toPage,
      relay: (broadcast: { readonly message: Parameters<typeof encodeServerMessage>[0] }) =>
        toPage(encodeServerMessage(broadcast.message)),
      // What was sent before the close arrives before it.
      close: () => this.#later(() => this.cut()),
    };
    return new ChatSession({ room, line, now, schedule });
  }

  #later(run: () => void): void {
    if (this.#isCut) return;
    this.#clock.schedule(latencyMs, () => {
      if (!this.#isCut) run();
    });
  }
}

function cutAll(links: Set<Link>): void {
  for (const link of links) link.cut();
  links.clear();
}
