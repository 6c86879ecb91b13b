/**
 * A client's conversation with its hub: who we are, what is asked, answered and announced. Below it are the connection and
 * the codec; above it the typed faces, `Client` and `Channel`.
 */

import {
  type Command,
  type ConnectedReply,
  type Data,
  decodeServerMessage,
  type ErrorReply,
  encodeCommand,
  type Position,
  type Reply,
  reconnectsAfter,
  type ServerMessage,
  SUBPROTOCOL,
  temporaryErrorCodes,
} from '@hawser/wire';
import type { KeptPublication, StorageHost } from './client-storage.ts';
import type { CancelTimer } from './clock.ts';
import type { CommandQueue } from './command-queue.ts';
import { Connection, type ConnectionUser } from './connection.ts';
import type { ConnectionState, MachineEvent } from './connection-machine.ts';
import { HawserError, type HawserErrorCode, type Problem, problemOf } from './errors.ts';
import type { ClientSettings } from './options.ts';
import { randomName } from './random.ts';
import { Sender } from './sender.ts';
import { Subscription, type SubscriptionPort } from './subscription.ts';
import type { SocketEvents } from './websocket-constructor.ts';

/** Who listens to the conversation. */
export interface HubSessionListener {
  changed(state: ConnectionState): void;
  /** Something failed for which nobody waits. */
  failed(error: HawserError): void;
}

/** How a message is published. */
export interface PublishOptions {
  /** What the message is the newest value of, where the channel's policy is `latest`. */
  readonly key?: string;
  /** The message's own name: publishing again with the same one stores nothing. Default 128 random bits. */
  readonly messageId?: string;
}

/** A command that asks for something, without its id. */
export type Question = WithoutId<Extract<Command, { type: 'history' | 'presence' | 'call' }>>;

type ReplyOf<Type> = Extract<Reply, { readonly type: Type }>;

type WithoutId<C> = C extends Command ? Omit<C, 'id'> : never;

/** More commands than this in a millisecond are not given for long. */
const IDS_PER_MS = 1_000;

/** A server that wants pings all the time does not get them. */
const SHORTEST_PING_INTERVAL_MS = 1_000;

/** One client at its hub, over any number of connections. */
export class HubSession implements ConnectionUser, SubscriptionPort, StorageHost {
  readonly #settings: ClientSettings;
  readonly #listener: HubSessionListener;
  readonly #connection: Connection;
  readonly #sender: Sender;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #loading: Promise<void> | undefined;
  #nextId: number;
  #authorization = 0;
  /** Our token, and the session that we had. */
  #credentials: { token?: string; session?: string } = {};
  /** The command whose failure is the connection's: connect, then refresh. */
  #introductionId = 0;
  #user: string | undefined;

  constructor(settings: ClientSettings, listener: HubSessionListener) {
    const { storage } = settings;
    this.#settings = settings;
    this.#listener = listener;
    this.#connection = new Connection(settings, this);
    this.#sender = new Sender(this.#connection, settings);
    // Greater than those that an earlier page gave, which are restored and go first.
    this.#nextId = storage ? settings.clock.date() * IDS_PER_MS : 1;
    this.#loading = storage?.attach(this).catch((cause: unknown) => {
      listener.failed(new HawserError(problemOf('storage-failed', cause)));
    });
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Who the hub takes us for; undefined before it has said so. */
  get user(): string | undefined {
    return this.#user;
  }

  connect(): void {
    this.#connection.dispatch({ type: 'connect' });
  }

  close(): void {
    this.#authorization += 1;
    this.#connection.dispatch({ type: 'close' });
    this.hidden();
  }

  /** The subscription of a channel, which begins with its first reader. */
  subscription(channel: string, since?: Position): Subscription {
    let subscription = this.#subscriptions.get(channel);
    if (subscription === undefined) {
      subscription = new Subscription(channel, this, since);
      this.#subscriptions.set(channel, subscription);
    }
    return subscription;
  }

  /** The subscription of a channel, if there is one. */
  find(channel: string): Subscription | undefined {
    return this.#subscriptions.get(channel);
  }

  /** Publishes; resolves when the hub has it. */
  async publish(channel: string, data: Data, options: PublishOptions): Promise<Position> {
    const messageId = randomName(this.#settings.random);
    const checked = this.check(channel, data);
    const command = { messageId, ...options, type: 'publish', channel, data: checked } as const;
    return (await this.#put(this.#sender.outbox, command, 'published')).position;
  }

  /** Asks; resolves with the reply, which has to be of a type. */
  ask<Type extends Reply['type']>(
    question: Question,
    type: Type,
    timeoutMs?: number,
  ): Promise<ReplyOf<Type>> {
    return this.#put(this.#sender.questions, question, type, timeoutMs);
  }

  // What the connection wants done

  authorize(): void {
    void this.#authorize(++this.#authorization);
  }

  greet(): void {
    if (this.#connection.socket?.protocol !== SUBPROTOCOL) {
      return this.#lose(problemOf('wrong-subprotocol'), true);
    }
    const { token = '' } = this.#credentials;
    this.#introductionId = this.#send(
      this.state.status === 'connected'
        ? { type: 'refresh', token }
        : { type: 'connect', ...this.#credentials },
    );
  }

  ping(): void {
    this.#send({ type: 'ping' });
  }

  receive(data: unknown): void {
    const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : String(data);
    let message: ServerMessage | undefined;
    try {
      message = decodeServerMessage(frame);
    } catch (cause) {
      return this.#lose(problemOf('malformed-message', cause), false);
    }
    if (message !== undefined) this.#hear(message, frame.length);
  }

  judge({ code, reason }: SocketEvents['close']): { problem: Problem; isFinal: boolean } {
    const problem = problemOf('connection-lost', undefined, reason || undefined);
    return { problem: { ...problem, closeCode: code }, isFinal: !reconnectsAfter(code) };
  }

  changed(state: ConnectionState, previous: ConnectionState): void {
    if (state.status === previous.status && state.status !== 'waiting') return;
    if (previous.status === 'connected') {
      for (const subscription of this.#subscriptions.values()) subscription.disconnected();
      this.#sender.lose();
    }
    if (state.status === 'connected') {
      for (const subscription of this.#subscriptions.values()) subscription.ask();
      this.#sender.pump();
    }
    if (state.status === 'closed') this.#end(state.reason);
    this.#listener.changed(state);
  }

  hidden(): void {
    this.#settings.storage?.flush();
  }

  // What subscriptions want done

  subscribe(channel: string, since: Position | undefined): number | undefined {
    if (this.state.status !== 'connected') return undefined;
    return this.#send({ type: 'subscribe', channel, ...(since === undefined ? {} : { since }) });
  }

  unsubscribe(channel: string): void {
    if (this.state.status === 'connected') this.#send({ type: 'unsubscribe', channel });
  }

  startOf(channel: string): Position | undefined {
    return this.#settings.storage?.startOf(channel);
  }

  retry({ code, retryInMs }: Problem, callback: () => void): CancelTimer | undefined {
    if (!isPassing(code, retryInMs)) return undefined;
    return this.#settings.clock.schedule(callback, this.#sender.delay(retryInMs));
  }

  check(channel: string, data: Data): Data {
    const { checks } = this.#settings;
    return checks ? checks.message(channel, data) : data;
  }

  moved(): void {
    this.#settings.storage?.changed();
  }

  abandoned(channel: string): void {
    this.#subscriptions.delete(channel);
    this.moved();
  }

  async #authorize(authorization: number): Promise<void> {
    const { token } = this.#settings;
    let event: MachineEvent = { type: 'authorized' };
    try {
      await this.#loading;
      const got = typeof token === 'function' ? await token() : token;
      if (got !== undefined && authorization === this.#authorization) this.#credentials.token = got;
    } catch (cause) {
      event = { type: 'token-failed', problem: problemOf('token-failed', cause) };
    }
    // Meanwhile another one may be wanted, or none.
    if (authorization === this.#authorization) this.#connection.dispatch(event);
  }

  // What is kept across a reload

  get publications(): readonly KeptPublication[] {
    return this.#sender.outbox.commands;
  }

  get positions(): Iterable<readonly [string, Position | undefined]> {
    return [...this.#subscriptions].map(([channel, { position }]) => [channel, position] as const);
  }

  restore(publication: KeptPublication): void {
    this.#nextId = Math.max(this.#nextId, publication.id + 1);
    const reject = (error: HawserError): void => this.#listener.failed(error);
    this.#sender.outbox.add({ ...publication, isRepeatable: true, resolve: () => {}, reject });
    // Nothing was sent yet: this puts them into their places.
    this.#sender.outbox.lose();
  }

  // What the hub says

  #hear(message: ServerMessage, bytes: number): void {
    if (message.type === 'drain') this.#connection.dispatch(message);
    else if ('id' in message) this.#hearReply(message);
    else this.#subscriptions.get(message.channel)?.hear(message, bytes);
  }

  #hearReply(reply: Reply): void {
    switch (reply.type) {
      case 'connected':
        return this.#welcome(reply);
      case 'refreshed':
        return this.#connection.dispatch({ type: 'refreshed', expiresInMs: reply.expiresInMs });
      case 'subscribed':
        return this.#subscriptions.get(reply.channel)?.accept(reply);
      case 'error':
        return this.#refuse(reply);
      default:
        this.#sender.answer(reply);
        this.moved();
    }
  }

  #welcome({ user, session, expiresInMs, pingIntervalMs }: ConnectedReply): void {
    this.#credentials.session = session;
    this.#user = user;
    // What one user left unsent is not sent in the name of another.
    this.#sender.outbox.clear(problemOf('identity-changed'), (command) => (command.user ?? user) !== user);
    this.#connection.dispatch({
      type: 'greeted',
      pingIntervalMs: Math.max(SHORTEST_PING_INTERVAL_MS, pingIntervalMs),
      expiresInMs: this.#isTokenFixed ? undefined : expiresInMs,
    });
  }

  #refuse(reply: ErrorReply): void {
    const { id, code, message, retryInMs, reason } = reply;
    const problem: Problem = { code, message, retryInMs, reason };
    const isToComeBack = isPassing(code, retryInMs);
    if (id === this.#introductionId) {
      return this.#lose(problem, !isToComeBack || (code === 'token-expired' && this.#isTokenFixed));
    }
    const subscription = [...this.#subscriptions.values()].find(({ askedId }) => askedId === id);
    if (subscription) return subscription.refuse(problem);
    // A hub that fails because of this very message must not hold up all others.
    if (isToComeBack && code !== 'internal' && this.#sender.postpone(id, retryInMs)) return;
    this.#sender.refuse(id, problem);
    this.moved();
  }

  #lose(problem: Problem, isFinal: boolean): void {
    this.#connection.dispatch({ type: 'lost', problem, isFinal });
  }

  #end(reason: Problem): void {
    this.#sender.clear(reason);
    this.#credentials = {};
    const error = reason.code === 'closed' ? undefined : new HawserError(reason);
    for (const subscription of this.#subscriptions.values()) subscription.closed(error);
    this.moved();
  }

  get #isTokenFixed(): boolean {
    return typeof this.#settings.token !== 'function';
  }

  /** Gives a command to a queue. */
  async #put<Type extends Reply['type']>(
    queue: CommandQueue,
    command: WithoutId<Command>,
    type: Type,
    timeoutMs?: number,
  ): Promise<ReplyOf<Type>> {
    if (this.state.status === 'closed') throw new HawserError(this.state.reason);
    const id = this.#nextId++;
    const frame = encode({ ...command, id });
    const at = this.#settings.clock.date();
    const isRepeatable = command.type !== 'call';
    const reply = await new Promise<Reply>((resolve, reject) => {
      queue.add({ id, frame, at, isRepeatable, user: this.#user, resolve, reject }, timeoutMs);
      this.#sender.pump();
      this.moved();
    });
    if (isOfType(reply, type)) return reply;
    throw new HawserError(problemOf('malformed-message'));
  }

  #send(command: WithoutId<Command>): number {
    const id = this.#nextId++;
    this.#connection.send(encodeCommand({ ...command, id }));
    return id;
  }
}

function isOfType<Type extends Reply['type']>(reply: Reply, type: Type): reply is ReplyOf<Type> {
  return reply.type === type;
}

function isPassing(code: HawserErrorCode, retryInMs: number | undefined): boolean {
  return retryInMs !== undefined || temporaryErrorCodes.some((temporary) => temporary === code);
}

/**
 * Encodes a command.
 *
 * @throws HawserError `invalid-data`
 */
function encode(command: Command): string | Uint8Array<ArrayBuffer> {
  try {
    if ('data' in command && command.data === undefined) throw new TypeError('Expected data');
    return encodeCommand(command);
  } catch (cause) {
    throw new HawserError(problemOf('invalid-data', cause));
  }
}
