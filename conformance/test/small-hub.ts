/**
 * The smallest hub that passes all cases that are not slow, with one flaw at a time: what the runner has to catch. It does
 * everything in memory and at once, has no slow subscribers, and is nobody's example.
 */

import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type Peer, WebSocketServer } from '@hawser/websocket';
import {
  type Command,
  closeCodes,
  decodeCommand,
  type ErrorCode,
  type Event,
  encodeServerMessage,
  type GapEvent,
  type HistoryCommand,
  type HistoryMessage,
  isChannelName,
  namespaceOf,
  type Position,
  type PublishCommand,
  type ServerMessage,
  SUBPROTOCOL,
  type SubscribeCommand,
  WireError,
} from '@hawser/wire';

/** What the hub does wrong. */
export interface Flaw {
  /** Changes what it sends; several messages, or none. */
  readonly send?: (message: ServerMessage) => readonly ServerMessage[];
  /** Changes what it receives. */
  readonly receive?: (command: Command) => Command;
  /** Stores a publication that is sent again once more. */
  readonly forgetsIds?: true;
  /** Allows everything. */
  readonly allowsAll?: true;
  /** Takes a session up, whosever it is. */
  readonly sharesSessions?: true;
  /** Says that it recovered what it could not. */
  readonly hidesGaps?: true;
  /** Ignores frames that are wrong. */
  readonly ignoresWrongFrames?: true;
}

interface Client {
  readonly peer: Peer<undefined>;
  user: string | undefined;
  session: string | undefined;
  readonly channels: Set<Channel>;
}

interface Channel {
  readonly name: string;
  readonly epoch: string;
  readonly messages: HistoryMessage[];
  readonly positions: Map<string, number>;
  readonly clients: Set<Client>;
  head: number;
}

interface Rules {
  readonly policy: 'every' | 'latest' | 'volatile';
  readonly keeps: number;
}

const tokens: ReadonlyMap<string | undefined, string> = new Map([
  ['first-token', 'ann'],
  ['second-token', 'bob'],
]);
const namespaces: ReadonlyMap<string, Rules> = new Map([
  ['every', { policy: 'every', keeps: Infinity }],
  ['latest', { policy: 'latest', keeps: Infinity }],
  ['volatile', { policy: 'volatile', keeps: Infinity }],
  ['trimmed', { policy: 'every', keeps: 4 }],
]);

const NORMAL_CLOSURE = 1000;

/** Its users' tokens. */
export const smallHubTokens = { first: 'first-token', second: 'second-token' } as const;

class Refusal extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(`Expected another command, received one that is ${code}`);
    this.code = code;
  }
}

/** A hub with a flaw. */
export class SmallHub {
  readonly #flaw: Flaw;
  readonly #server: WebSocketServer;
  readonly #clients = new Map<Peer<undefined>, Client>();
  readonly #channels = new Map<string, Channel>();
  readonly #sessions = new Map<string, Client>();

  constructor(flaw: Flaw) {
    this.#flaw = flaw;
    this.#server = new WebSocketServer({
      subprotocols: [SUBPROTOCOL],
      open: (peer) => {
        this.#clients.set(peer, { peer, user: undefined, session: undefined, channels: new Set() });
      },
      message: (peer, frame) => this.#receive(peer, frame),
      close: (peer, { code }) => {
        const { session } = this.#leave(peer) ?? {};
        if (session !== undefined && code === NORMAL_CLOSURE) this.#sessions.delete(session);
      },
    });
  }

  /** Listens on a free port, and resolves with the URL. */
  async listen(): Promise<string> {
    await this.#server.listen({ port: 0, host: '127.0.0.1' });
    return `ws://127.0.0.1:${portOf(this.#server.address())}/`;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #receive(peer: Peer<undefined>, frame: string | Uint8Array): void {
    const client = this.#clients.get(peer);
    if (!client) return;
    try {
      const command = decodeCommand(frame);
      this.#carryOut(client, this.#flaw.receive?.(command) ?? command);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (this.#flaw.ignoresWrongFrames) return;
      if (error.commandId === undefined) peer.close(closeCodes['malformed-frame'].code);
      else this.#fail(client, error.commandId, 'invalid-command');
    }
  }

  #carryOut(client: Client, command: Command): void {
    try {
      this.#execute(client, command);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#fail(client, command.id, error.code);
      if (error.code === 'unauthenticated') client.peer.close(closeCodes.unauthenticated.code);
    }
  }

  #execute(client: Client, command: Command): void {
    const { id, type } = command;
    if (type === 'connect') return this.#connect(client, command);
    if (client.user === undefined) throw new Refusal('not-connected');
    if ('channel' in command) return this.#executeIn(this.#channel(command.channel), client, command);
    if (type === 'ping') return this.#send(client, { type: 'pong', id });
    if (type === 'refresh') {
      if (tokens.get(command.token) !== client.user) throw new Refusal('identity-changed');
      return this.#send(client, { type: 'refreshed', id });
    }
    if (command.method !== 'echo') throw new Refusal('unknown-method');
    this.#send(client, { type: 'result', id, data: command.data });
  }

  #executeIn(channel: Channel, client: Client, command: Extract<Command, { channel: string }>): void {
    switch (command.type) {
      case 'subscribe':
        return this.#subscribe(channel, client, command);
      case 'unsubscribe':
        return this.#unsubscribe(channel, client, command.id);
      case 'publish':
        return this.#publish(channel, client, command);
      case 'history':
        return this.#history(channel, client, command);
      case 'presence': {
        const users = new Set([...channel.clients].map(({ user = '' }) => user));
        const members = [...users].map((user) => ({ user }));
        this.#send(client, { type: 'presence', id: command.id, channel: channel.name, members });
      }
    }
  }

  #connect(client: Client, { id, token, session: asked = '' }: Extract<Command, { type: 'connect' }>): void {
    if (client.user !== undefined) throw new Refusal('already-connected');
    const user = tokens.get(token);
    if (user === undefined) throw new Refusal('unauthenticated');
    const old = this.#sessions.get(asked);
    const resumed = old !== undefined && (old.user === user || this.#flaw.sharesSessions === true);
    if (resumed) {
      this.#leave(old.peer);
      old.peer.close(closeCodes['session-taken-up'].code);
    }
    const session = resumed ? asked : randomUUID();
    this.#sessions.set(session, client);
    client.user = user;
    client.session = session;
    this.#send(client, { type: 'connected', id, user, session, resumed, pingIntervalMs: 25_000 });
  }

  #subscribe(channel: Channel, client: Client, { id, since }: SubscribeCommand): void {
    if (channel.clients.has(client)) throw new Refusal('already-subscribed');
    const { name, epoch, head } = channel;
    const { policy } = this.#rulesOf(name);
    const { offset, reason } = beginningOf(channel, policy, since);
    const position = { epoch, offset };
    const recovered = reason === undefined || this.#flaw.hidesGaps === true;
    this.#send(client, { type: 'subscribed', id, channel: name, policy, position, recovered });
    if (since && reason && !recovered) {
      this.#send(client, { type: 'gap', channel: name, from: since, to: position, reason });
    }
    this.#tell(channel, { type: 'join', channel: name, member: { user: client.user ?? '' } });
    channel.clients.add(client);
    client.channels.add(channel);
    const due = channel.messages.filter((message) => message.offset > offset);
    const wanted = policy === 'latest' ? newestOf(due) : due;
    for (const message of wanted) this.#send(client, { type: 'message', channel: name, ...message });
    const count = due.length - wanted.length;
    if (count > 0) this.#send(client, { type: 'dropped', channel: name, count });
    this.#send(client, { type: 'caught-up', channel: name, offset: head });
  }

  #unsubscribe(channel: Channel, client: Client, id: number): void {
    if (!channel.clients.delete(client)) throw new Refusal('not-subscribed');
    this.#send(client, { type: 'unsubscribed', id, channel: channel.name });
  }

  #publish(channel: Channel, client: Client, command: PublishCommand): void {
    const { id, type: _, channel: name, ...message } = command;
    const { user = '' } = client;
    const publicationId = message.messageId === undefined ? randomUUID() : `${user} ${message.messageId}`;
    const known = this.#flaw.forgetsIds ? undefined : channel.positions.get(publicationId);
    const offset = known ?? channel.head + 1;
    if (known === undefined) {
      channel.head = offset;
      channel.positions.set(publicationId, offset);
      const stored = { ...message, offset, at: Date.now(), user };
      channel.messages.push(stored);
      if (channel.messages.length > this.#rulesOf(name).keeps) channel.messages.shift();
      this.#tell(channel, { type: 'message', channel: name, ...stored });
    }
    this.#send(client, { type: 'published', id, channel: name, position: { epoch: channel.epoch, offset } });
  }

  #history(channel: Channel, client: Client, { id, after, before, limit }: HistoryCommand): void {
    const { name, epoch, messages: all } = channel;
    const from = after?.epoch === epoch ? after.offset : 0;
    const to = before?.epoch === epoch ? before.offset : Infinity;
    const fitting = all.filter(({ offset }) => offset > from && offset < to);
    const messages = after ? fitting.slice(0, limit) : fitting.slice(-limit);
    const hasMore = fitting.length > limit;
    this.#send(client, { type: 'history', id, channel: name, epoch, messages, hasMore });
  }

  #channel(name: string): Channel {
    this.#rulesOf(name);
    const known = this.#channels.get(name);
    if (known) return known;
    const channel: Channel = {
      name,
      epoch: randomUUID(),
      messages: [],
      positions: new Map(),
      clients: new Set(),
      head: 0,
    };
    this.#channels.set(name, channel);
    return channel;
  }

  #rulesOf(name: string): Rules {
    const rules = isChannelName(name) ? namespaces.get(namespaceOf(name)) : undefined;
    if (rules) return rules;
    if (this.#flaw.allowsAll) return { policy: 'every', keeps: Infinity };
    throw new Refusal('forbidden');
  }

  #leave(peer: Peer<undefined>): Client | undefined {
    const client = this.#clients.get(peer);
    for (const channel of client?.channels ?? []) if (client) channel.clients.delete(client);
    this.#clients.delete(peer);
    return client;
  }

  #tell(channel: Channel, event: Event): void {
    for (const client of channel.clients) this.#send(client, event);
  }

  #fail(client: Client, id: number, code: ErrorCode): void {
    this.#send(client, { type: 'error', id, code, message: code });
  }

  #send({ peer }: Client, message: ServerMessage): void {
    const messages = this.#flaw.send?.(message) ?? [message];
    for (const each of messages) peer.send(encodeServerMessage(each));
  }
}

/** Where a subscription begins, and why not where it was asked to. */
function beginningOf(
  { epoch, head, messages }: Channel,
  policy: Rules['policy'],
  since: Position | undefined,
): { offset: number; reason?: GapEvent['reason'] } {
  const oldest = head - messages.length;
  const [newest] = policy === 'latest' ? newestOf(messages) : [];
  if (!since) return { offset: newest ? newest.offset - 1 : head };
  if (since.epoch !== epoch || since.offset > head) return { offset: oldest, reason: 'epoch' };
  return since.offset < oldest ? { offset: oldest, reason: 'trimmed' } : { offset: since.offset };
}

/** The newest message of each key. */
function newestOf(messages: readonly HistoryMessage[]): readonly HistoryMessage[] {
  const newest = new Map(messages.map((message) => [message.key, message]));
  return messages.filter((message) => newest.get(message.key) === message);
}

function portOf(address: AddressInfo | string | null | undefined): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new TypeError(`Expected a port, received ${address}`);
}
