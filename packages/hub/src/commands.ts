/**
 * What clients can do once the hub knows who they are: each command of the wire, carried out. One for all connections. Below:
 * `publisher.ts`, `history.ts`, `methods.ts`, `subscriptions.ts`; above: `connection.ts`.
 */

import {
  type CallCommand,
  type Command,
  type ConnectCommand,
  type Data,
  encodeHistoryReply,
  type HistoryCommand,
  type PresenceCommand,
  type PublishCommand,
  type RefreshCommand,
} from '@hawser/wire';
import { assertNever } from './assert-never.ts';
import { type Authorize, isAllowed } from './authorization.ts';
import type { Broker } from './broker.ts';
import { CommandError } from './command-error.ts';
import { readHistory } from './history.ts';
import type { Identity } from './identity.ts';
import type { Methods } from './methods.ts';
import type { Namespaces } from './namespaces.ts';
import type { Outbox } from './outbox.ts';
import type { Presence } from './presence.ts';
import type { Publisher } from './publisher.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What the commands are carried out with. */
export interface CommandsContext {
  readonly broker: Broker;
  readonly namespaces: Namespaces;
  readonly publisher: Publisher;
  readonly methods: Methods;
  readonly presence: Presence;
  readonly authorize: Authorize | undefined;
  readonly historyBytes: number;
  readonly onError: (error: unknown) => void;
}

/** The client that sent a command. */
export interface Client<Prepared> {
  readonly identity: Identity;
  readonly subscriptions: Subscriptions<Prepared>;
  readonly outbox: Outbox<Prepared>;
}

/** A command that needs an identity, and does not change it. */
export type ClientCommand = Exclude<Command, ConnectCommand | RefreshCommand>;

/** Carries commands out. */
export class Commands<Prepared> {
  readonly #context: CommandsContext;

  constructor(context: CommandsContext) {
    this.#context = context;
  }

  /** Whether an identity may do what the command asks for. Never rejects. */
  isAllowed(identity: Identity, command: ClientCommand): boolean | Promise<boolean> {
    const { authorize, onError } = this.#context;
    switch (command.type) {
      case 'subscribe':
      case 'publish':
      case 'history':
      case 'presence':
        return isAllowed(identity, command.type, command.channel, authorize, onError);
      case 'call':
        return isAllowed(identity, command.type, command.method, authorize, onError);
      case 'unsubscribe':
      case 'ping':
        return true;
      default:
        return assertNever(command);
    }
  }

  /**
   * Begins a command.
   *
   * @returns Resolves once it is answered; undefined if it is already.
   * @throws CommandError if it is refused, or else an error of the storage or of a handler; as a rejection too.
   */
  execute(command: ClientCommand, client: Client<Prepared>): Promise<void> | undefined {
    const { outbox, subscriptions, identity } = client;
    switch (command.type) {
      case 'subscribe':
        return subscriptions.subscribe(command, identity);
      case 'unsubscribe':
        if (!subscriptions.unsubscribe(command.channel, 'left')) throw new CommandError('not-subscribed');
        outbox.tell({ type: 'unsubscribed', id: command.id, channel: command.channel });
        return undefined;
      case 'publish':
        return this.#publish(command, client);
      case 'history':
        return this.#history(command, client);
      case 'presence':
        this.#presence(command, client);
        return undefined;
      case 'call':
        return this.#call(command, client);
      case 'ping':
        outbox.tell({ type: 'pong', id: command.id });
        return undefined;
      default:
        return assertNever(command);
    }
  }

  async #publish(command: PublishCommand, { identity, outbox }: Client<Prepared>): Promise<void> {
    const { id, channel, data, key, messageId } = command;
    const draft = { data, key, messageId, user: identity.user };
    const { position } = await this.#context.publisher.publish(channel, draft);
    outbox.tell({ type: 'published', id, channel, position });
  }

  async #history(command: HistoryCommand, { outbox }: Client<Prepared>): Promise<void> {
    const { broker, namespaces, historyBytes } = this.#context;
    const { id, channel } = command;
    namespaces.of(channel);
    const { entries, ...part } = await readHistory(broker, channel, command, historyBytes);
    outbox.push(encodeHistoryReply({ id, channel, ...part }, entries));
  }

  #presence({ id, channel }: PresenceCommand, { outbox }: Client<Prepared>): void {
    const { namespaces, presence } = this.#context;
    if (!namespaces.of(channel).presence) {
      throw new CommandError('forbidden', 'Expected a channel whose namespace has presence');
    }
    outbox.tell({ type: 'presence', id, channel, members: presence.members(channel) });
  }

  async #call({ id, method, data }: CallCommand, { identity, outbox }: Client<Prepared>): Promise<void> {
    const result = await this.#context.methods.call(method, data, { identity });
    outbox.tell({ type: 'result', id, data: toData(result) });
  }
}

/** What a handler gave, as it travels: nothing is `null`. What is no JSON fails as a defect of the handler. */
function toData(result: unknown): Data {
  if (result instanceof Uint8Array) return result;
  const text: string | undefined = JSON.stringify(result ?? null);
  if (text === undefined)
    throw new TypeError(`Expected a method to give JSON or bytes, received ${typeof result}`);
  return JSON.parse(text);
}
