/**
 * A client that is able to be wrong: it sends any frame, right or not, and shows what comes back. It takes care of nothing
 * but ids, and has everything that comes checked by the codec and by `order-rules.ts`. Below: WebSocketStream, because
 * it can stop reading.
 */

import { Buffer } from 'node:buffer';
import { type WebSocketCloseInfo, type WebSocketError, WebSocketStream } from '@hawser/websocket';
import {
  type Command,
  decodeServerMessage,
  type Event,
  encodeCommand,
  type JoinEvent,
  type LeaveEvent,
  type MessageEvent,
  type Position,
  type Reply,
  SUBPROTOCOL,
  type SubscribedReply,
  WireError,
} from '@hawser/wire';
import { EventQueue } from './event-queue.ts';
import { Finding, show } from './finding.ts';
import { OrderRules } from './order-rules.ts';

const NORMAL_CLOSURE = 1000;
/** Any code but that one. */
const INTERRUPTED = 3000;

/** A command before it has an id. */
export type Order = Command extends infer C ? (C extends Command ? Omit<C, 'id'> : never) : never;

type ReplyOf<Type extends Reply['type']> = Extract<Reply, { type: Type }>;
type EventOf<Type extends Event['type']> = Extract<Event, { type: Type }>;

interface Answer {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (reason: Error) => void;
}

/** One connection. */
export class Participant {
  /** Resolves with the close code once the connection has ended. */
  readonly closed: Promise<number>;
  readonly #stream: WebSocketStream;
  readonly #write: (frame: string | Uint8Array) => void;
  readonly #rules = new OrderRules();
  readonly #answers = new Map<number, Answer>();
  readonly #presence = new EventQueue<JoinEvent | LeaveEvent>();
  readonly #events = new EventQueue<Event>();
  readonly #wrongFrames: string[] = [];
  #lastId = 0;
  #ended: Error | undefined;
  /** Resolves when reading goes on; undefined while it does. */
  #pause: Promise<void> | undefined;
  #goOn: () => void = () => undefined;

  /** Opens a connection. */
  static async open(url: string): Promise<Participant> {
    const stream = new WebSocketStream(url, { protocols: SUBPROTOCOL });
    const { readable, writable, protocol } = await stream.opened;
    if (protocol !== SUBPROTOCOL) {
      throw new Finding(`Expected the subprotocol ${SUBPROTOCOL}, received ${show(protocol)}`);
    }
    const writer = writable.getWriter();
    // A frame that can't be sent any more: `closed` says why.
    writer.closed.catch(() => undefined);
    return new Participant(stream, readable, (frame) => {
      writer.write(frame).catch(() => undefined);
    });
  }

  private constructor(
    stream: WebSocketStream,
    readable: AsyncIterable<string | Uint8Array>,
    write: (frame: string | Uint8Array) => void,
  ) {
    this.#stream = stream;
    this.#write = write;
    this.closed = stream.closed.then(closeCodeOf, closeCodeOf);
    void this.#read(readable);
  }

  /** What came and may never come, in sentences. */
  get violations(): readonly string[] {
    return [...this.#rules.violations, ...this.#wrongFrames];
  }

  /** Sends a frame as it is. */
  send(frame: string | Uint8Array): void {
    this.#write(frame);
  }

  newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Sends a command, and resolves with its reply, whichever. */
  ask(order: Order): Promise<Reply> {
    const id = this.newId();
    return this.askRaw(encodeCommand({ ...order, id }), id);
  }

  /** Sends a frame that has this id, right or not, and resolves with the reply. */
  askRaw(frame: string | Uint8Array, id: number): Promise<Reply> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#rules.sent(id);
    this.#write(frame);
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
    });
  }

  /** Sends a command that has to succeed. */
  async get<Type extends Reply['type']>(type: Type, order: Order): Promise<ReplyOf<Type>> {
    const reply = await this.ask(order);
    if (isReplyOf(reply, type)) return reply;
    throw new Finding(`Expected ${type} in reply to ${show(order)}, received ${show(reply)}`);
  }

  /** Sends a command that has to fail with one of these codes. */
  async refused(order: Order, ...codes: readonly string[]): Promise<void> {
    expectRefusal(await this.ask(order), codes, order);
  }

  subscribe(channel: string, since?: Position): Promise<SubscribedReply> {
    return this.get('subscribed', { type: 'subscribe', channel, ...(since && { since }) });
  }

  /** Publishes, and resolves with the message's position. */
  async publish(channel: string, data: PublishedData, more: PublishedFields = {}): Promise<Position> {
    const { position } = await this.get('published', { type: 'publish', channel, data, ...more });
    return position;
  }

  /** The next event of this kind. Only `caught-up` may come before it, because a hub is free to send it. */
  async event<Type extends Event['type']>(type: Type): Promise<EventOf<Type>> {
    for (;;) {
      const event = await this.#events.next();
      if (isEventOf(event, type)) return event;
      if (event.type !== 'caught-up') throw new Finding(`Expected ${type}, received ${show(event)}`);
    }
  }

  /** So many messages. */
  async messages(count: number): Promise<readonly MessageEvent[]> {
    const messages: MessageEvent[] = [];
    while (messages.length < count) messages.push(await this.event('message'));
    return messages;
  }

  /** The next event that is neither `join` nor `leave`. */
  nextEvent(): Promise<Event> {
    return this.#events.next();
  }

  /** All events up to the next `caught-up`, which is not among them. */
  async untilCaughtUp(): Promise<readonly Event[]> {
    const events: Event[] = [];
    for (;;) {
      const event = await this.#events.next();
      if (event.type === 'caught-up') return events;
      events.push(event);
    }
  }

  /** The next `join` or `leave`. */
  nextPresence(): Promise<JoinEvent | LeaveEvent> {
    return this.#presence.next();
  }

  /** How many `join` and `leave` have come and were not asked for. */
  get unseenPresence(): number {
    return this.#presence.size;
  }

  /** Stops reading, so that the server's writes pile up. */
  stopReading(): void {
    this.#pause = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  goOnReading(): void {
    this.#pause = undefined;
    this.#goOn();
  }

  /** Waits for the server to close with one of these codes. */
  async expectClose(...codes: readonly number[]): Promise<void> {
    const code = await this.closed;
    if (!codes.includes(code))
      throw new Finding(`Expected a close with ${codes.join(' or ')}, received ${code}`);
  }

  /** Makes sure that the connection lives. */
  async expectAlive(): Promise<void> {
    await this.get('pong', { type: 'ping' });
  }

  /** Ends the connection for good. */
  async close(): Promise<void> {
    await this.#close(NORMAL_CLOSURE);
  }

  /** Ends the connection as one that means to come back. */
  async interrupt(): Promise<void> {
    await this.#close(INTERRUPTED);
  }

  async #close(closeCode: number): Promise<void> {
    this.goOnReading();
    this.#stream.close({ closeCode });
    await this.closed;
  }

  async #read(readable: AsyncIterable<string | Uint8Array>): Promise<void> {
    try {
      for await (const frame of readable) {
        await this.#pause;
        this.#receive(frame);
      }
    } catch {
      // `closed` says how it ended.
    }
    this.#end(
      new Finding(`Expected an answer, received the end of the connection with ${await this.closed}`),
    );
  }

  #receive(frame: string | Uint8Array): void {
    try {
      const message = decodeServerMessage(frame);
      if (!message) this.#wrongFrames.push(`Expected a type of hawser.v1, received ${show(frame)}`);
      else if ('id' in message) this.#takeReply(message);
      else this.#takeEvent(message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const shown = typeof frame === 'string' ? frame : Buffer.from(frame).toString('latin1');
      this.#wrongFrames.push(`${error.message}: ${show(shown)}`);
    }
  }

  #takeReply(reply: Reply): void {
    this.#rules.replied(reply);
    this.#answers.get(reply.id)?.resolve(reply);
    this.#answers.delete(reply.id);
  }

  #takeEvent(event: Event): void {
    this.#rules.happened(event);
    if (event.type === 'join' || event.type === 'leave') this.#presence.push(event);
    else this.#events.push(event);
  }

  #end(reason: Error): void {
    this.#ended = reason;
    for (const { reject } of this.#answers.values()) reject(reason);
    this.#answers.clear();
    this.#events.end(reason);
    this.#presence.end(reason);
  }
}

type PublishOrder = Extract<Order, { type: 'publish' }>;
type PublishedData = PublishOrder['data'];
type PublishedFields = Pick<PublishOrder, 'messageId' | 'key'>;

/** Finds a reply that is no error, or another one. */
export function expectRefusal(reply: Reply, codes: readonly string[], what: unknown): void {
  if (reply.type === 'error' && codes.includes(reply.code)) return;
  const shown = typeof what === 'string' ? what : show(what);
  throw new Finding(
    `Expected an error with ${codes.join(' or ')} in reply to ${shown}, received ${show(reply)}`,
  );
}

function isReplyOf<Type extends Reply['type']>(reply: Reply, type: Type): reply is ReplyOf<Type> {
  return reply.type === type;
}

function isEventOf<Type extends Event['type']>(event: Event, type: Type): event is EventOf<Type> {
  return event.type === type;
}

/** The close code, or 1006 for a connection that ended without one. */
function closeCodeOf(end: WebSocketCloseInfo | WebSocketError): number {
  return end.closeCode ?? 1006;
}
