/** A hub as simple as can be: what docs/wire.md says, without a thought of speed. */
import {
  type Command,
  type ConnectedReply,
  decodeCommand,
  type ErrorCode,
  encodeServerMessage,
  type MessageEvent,
  type Position,
  type ServerMessage,
} from '@hawser/wire';
import type { FakeNetwork, ServerEnd } from './fake-network.ts';

interface ModelChannel {
  epoch: string;
  head: number;
  log: MessageEvent[];
}

/** Makes a command fail. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly retryInMs?: number;
}

interface ModelConnection {
  readonly end: ServerEnd;
  readonly channels: Set<string>;
  user: string | undefined;
}

export class ModelHub {
  readonly channels = new Map<string, ModelChannel>();
  readonly connections = new Set<ModelConnection>();
  /** Every command that came, of all connections. */
  readonly commands: Command[] = [];
  /** What `connected` says. */
  expiresInMs: number | undefined;
  pingIntervalMs = 25_000;
  isMute = false;
  /** Messages that a channel keeps. */
  retention = Infinity;
  /** Refuses a command, if it says so. */
  refuse: (command: Command) => Refusal | undefined = () => undefined;
  #sessions = 0;

  constructor(network: FakeNetwork) {
    network.onConnection = (end) => this.#welcome(end);
  }

  /** What is told in a channel, by the server itself. */
  publish(channel: string, data: MessageEvent['data'], extra: Partial<MessageEvent> = {}): Position {
    const state = this.channel(channel);
    const { messageId, user } = extra;
    const same = state.log.find(
      (old) => messageId !== undefined && old.messageId === messageId && old.user === user,
    );
    if (same) return { epoch: state.epoch, offset: same.offset };
    state.head += 1;
    const message: MessageEvent = { type: 'message', channel, offset: state.head, at: 1, data, ...extra };
    state.log.push(message);
    if (state.log.length > this.retention) state.log.shift();
    for (const connection of this.connections) {
      if (connection.channels.has(channel)) this.tell(connection, message);
    }
    return { epoch: state.epoch, offset: state.head };
  }

  channel(name: string): ModelChannel {
    const state = this.channels.get(name) ?? { epoch: 'e1', head: 0, log: [] };
    this.channels.set(name, state);
    return state;
  }

  /** Begins a channel's history anew. */
  forget(name: string): void {
    const { epoch } = this.channel(name);
    this.channels.set(name, { epoch: `${epoch}+`, head: 0, log: [] });
  }

  /** Tells every connection. */
  announce(message: ServerMessage): void {
    for (const connection of this.connections) this.tell(connection, message);
  }

  tell({ end }: ModelConnection, message: ServerMessage): void {
    if (!this.isMute) end.send(encodeServerMessage(message));
  }

  /** The commands of a type that came. */
  commandsOf<Type extends Command['type']>(type: Type): readonly Extract<Command, { type: Type }>[] {
    return this.commands.filter(
      (command): command is Extract<Command, { type: Type }> => command.type === type,
    );
  }

  #welcome(end: ServerEnd): void {
    const connection: ModelConnection = { end, channels: new Set(), user: undefined };
    this.connections.add(connection);
    end.onClose = () => this.connections.delete(connection);
    end.onFrame = (frame) => this.#hear(connection, decodeCommand(frame));
  }

  #hear(connection: ModelConnection, command: Command): void {
    this.commands.push(command);
    const { id } = command;
    const refusal = this.refuse(command);
    if (refusal) return this.tell(connection, { type: 'error', id, message: 'No', ...refusal });
    for (const message of this.#answer(connection, command)) this.tell(connection, message);
  }

  #answer(connection: ModelConnection, command: Command): readonly ServerMessage[] {
    const { id } = command;
    switch (command.type) {
      case 'connect': {
        connection.user = command.token ?? 'nobody';
        return [this.#connected(id, connection.user)];
      }
      case 'refresh':
        return [{ type: 'refreshed', id, ...this.#expiry() }];
      case 'subscribe':
        return this.#subscribe(connection, command.channel, id, command.since);
      case 'unsubscribe':
        connection.channels.delete(command.channel);
        return [{ type: 'unsubscribed', id, channel: command.channel }];
      case 'publish': {
        const { channel, data, messageId, key } = command;
        const extra = { ...(messageId && { messageId }), ...(key && { key }), user: connection.user ?? '' };
        return [{ type: 'published', id, channel, position: this.publish(channel, data, extra) }];
      }
      case 'history': {
        const { epoch, log } = this.channel(command.channel);
        const after = log.filter(({ offset }) => offset > (command.after?.offset ?? 0));
        const messages = after.slice(0, command.limit).map(({ offset, at, data }) => ({ offset, at, data }));
        const hasMore = after.length > command.limit;
        return [{ type: 'history', id, channel: command.channel, epoch, messages, hasMore }];
      }
      case 'presence':
        return [
          { type: 'presence', id, channel: command.channel, members: [{ user: connection.user ?? '' }] },
        ];
      case 'call':
        return [{ type: 'result', id, data: command.data }];
      default:
        return [{ type: 'pong', id }];
    }
  }

  #connected(id: number, user: string): ConnectedReply {
    this.#sessions += 1;
    const session = `session-${this.#sessions}`;
    const { pingIntervalMs } = this;
    return { type: 'connected', id, user, session, resumed: false, pingIntervalMs, ...this.#expiry() };
  }

  #expiry(): { expiresInMs?: number } {
    return this.expiresInMs === undefined ? {} : { expiresInMs: this.expiresInMs };
  }

  #subscribe(
    connection: ModelConnection,
    channel: string,
    id: number,
    since: Position | undefined,
  ): readonly ServerMessage[] {
    const { epoch, head, log } = this.channel(channel);
    connection.channels.add(channel);
    const oldest = log[0]?.offset ?? head + 1;
    const isKnown = since === undefined || (since.epoch === epoch && since.offset <= head);
    const recovered = since === undefined || (isKnown && since.offset + 1 >= oldest);
    const offset = since === undefined ? head : recovered ? since.offset : oldest - 1;
    const position = { epoch, offset };
    const reason = isKnown ? 'trimmed' : 'epoch';
    const gap: ServerMessage[] =
      recovered || since === undefined ? [] : [{ type: 'gap', channel, from: since, to: position, reason }];
    const missed = log.filter((message) => message.offset > offset);
    const caughtUp: ServerMessage[] = since ? [{ type: 'caught-up', channel, offset: head }] : [];
    return [
      { type: 'subscribed', id, channel, policy: 'every', position, recovered },
      ...gap,
      ...missed,
      ...caughtUp,
    ];
  }
}
