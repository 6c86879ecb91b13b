/**
 * The page's side of the chat without the page: it joins whenever a connection opens, hands what is written to the delivery, and
 * keeps what comes. The views (`view/`) show it and call it; it calls nothing
 * of theirs but the one listener that tells which part has changed.
 */

import { assertNever } from '../contract/assert-never.ts';
import { encodeClientMessage } from '../contract/client-message.ts';
import { ContractError } from '../contract/json-object.ts';
import type {
  Accepted,
  ClientMessage,
  NameRefused,
  Person,
  Refused,
  ServerMessage,
  Welcome,
} from '../contract/messages.ts';
import { checkName, type NameCheck } from '../contract/name.ts';
import { decodeServerMessage } from '../contract/server-message.ts';
import { checkText, type TextCheck } from '../contract/text.ts';
import { Connection, type ConnectionOptions, type ConnectionState } from './connection.ts';
import { Delivery } from './delivery.ts';
import type { Identity } from './identity.ts';
import type { Outbox, OutgoingMessage } from './outbox.ts';
import { Timeline, type TimelineEntry } from './timeline.ts';

export interface ChatOptions extends ConnectionOptions {
  readonly identity: Identity;
  readonly outbox: Outbox;
  readonly randomId: () => string;
  readonly changed: (part: ChatPart) => void;
}

export type ChatPart = 'connection' | 'name' | 'people' | 'messages';

export type SendResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: 'empty' | 'too-long' | 'outbox-full' };

export class Chat {
  readonly #options: ChatOptions;
  readonly #connection: Connection;
  readonly #delivery: Delivery;
  readonly #timeline = new Timeline();
  readonly #people = new Map<string, Person>();
  #you: string | undefined;
  #name: string | undefined;
  #nameProblem: string | undefined;
  #failure: string | undefined;

  constructor(options: ChatOptions) {
    this.#options = options;
    this.#name = options.identity.name;
    this.#connection = new Connection(options, {
      changed: (state) => this.#onConnectionChanged(state),
      opened: () => this.#join(),
      received: (data) => this.#receive(data),
    });
    this.#delivery = new Delivery({
      outbox: options.outbox,
      schedule: options.schedule,
      post: ({ id, text }) => this.#say({ type: 'post', id, text }),
      unanswered: () => this.#connection.drop(),
    });
    for (const message of options.outbox.messages) this.#timeline.write(message, this.#name ?? '');
  }

  get connection(): ConnectionState {
    return this.#connection.state;
  }

  /** What the server said before it closed the last connection. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get name(): string | undefined {
    return this.#name;
  }

  /** Why the server did not take the last name. */
  get nameProblem(): string | undefined {
    return this.#nameProblem;
  }

  get you(): string | undefined {
    return this.#you;
  }

  get people(): readonly Person[] {
    return [...this.#people.values()];
  }

  get entries(): readonly TimelineEntry[] {
    return this.#timeline.entries;
  }

  /** Connects, as soon as there is a name to join with. */
  start(): void {
    if (this.#name !== undefined) this.#connection.start();
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  setName(typed: string): NameCheck {
    const checked = checkName(typed);
    if (!checked.ok) return checked;
    this.#nameProblem = undefined;
    // A page that is connected asks first; any other has its name checked when it joins.
    if (this.#connection.state.phase === 'connected') this.#say({ type: 'rename', name: checked.name });
    else this.#takeName(checked.name);
    this.start();
    return checked;
  }

  send(typed: string): SendResult {
    const checked: TextCheck = checkText(typed);
    if (!checked.ok) return checked;
    if (!this.#options.outbox.fits(checked.text)) return { ok: false, problem: 'outbox-full' };
    const message: OutgoingMessage = {
      id: this.#options.randomId(),
      text: checked.text,
      writtenAt: this.#options.now(),
    };
    this.#options.outbox.add(message);
    this.#timeline.write(message, this.#name ?? '');
    this.#options.changed('messages');
    this.#delivery.sendNext();
    return { ok: true };
  }

  #onConnectionChanged(state: ConnectionState): void {
    if (state.phase === 'connected') this.#delivery.open();
    else this.#delivery.close();
    if (state.phase === 'connecting') this.#failure = undefined;
    this.#options.changed('connection');
  }

  #join(): void {
    const name = this.#options.identity.name ?? this.#name ?? '';
    this.#say({ type: 'join', key: this.#options.identity.key, name, since: this.#timeline.position });
  }

  #receive(data: unknown): void {
    try {
      if (typeof data !== 'string') throw new ContractError('malformed', 'Expected text, received bytes');
      this.#handle(decodeServerMessage(data));
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      this.#failure = 'The server speaks another version. Reload the page.';
      this.#connection.drop();
    }
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.#onWelcome(message);
      case 'message':
        this.#timeline.receive(message.message);
        return this.#options.changed('messages');
      case 'person-here':
        return this.#onPersonHere(message.person);
      case 'person-left':
        this.#people.delete(message.id);
        return this.#options.changed('people');
      case 'accepted':
        return this.#onAccepted(message);
      case 'postponed':
        return this.#delivery.postponed(message.retryAfterMs);
      case 'refused':
        return this.#onRefused(message);
      case 'name-refused':
        return this.#onNameRefused(message);
      case 'failure':
        this.#failure = message.reason;
        return;
      default:
        return assertNever(message);
    }
  }

  #onWelcome(welcome: Welcome): void {
    this.#you = welcome.you;
    this.#people.clear();
    for (const person of welcome.people) this.#people.set(person.id, person);
    const own = this.#people.get(welcome.you);
    if (own !== undefined) this.#takeName(own.name);
    this.#timeline.welcome(welcome);
    this.#connection.confirm();
    this.#options.changed('people');
    this.#options.changed('messages');
  }

  #onPersonHere(person: Person): void {
    this.#people.set(person.id, person);
    // Another tab of this browser may have changed the name.
    if (person.id === this.#you) this.#takeName(person.name);
    this.#options.changed('people');
  }

  #onAccepted(accepted: Accepted): void {
    this.#timeline.accept(accepted);
    this.#delivery.answered(accepted.id);
    this.#options.changed('messages');
  }

  #onRefused({ id, reason }: Refused): void {
    this.#timeline.fail(id, reason);
    this.#delivery.answered(id);
    this.#options.changed('messages');
  }

  #onNameRefused({ reason }: NameRefused): void {
    this.#nameProblem = reason;
    // Refused at the door: without another name there is no way in.
    if (this.#connection.state.phase === 'connecting') {
      this.#name = undefined;
      this.#connection.stop();
    }
    this.#options.changed('name');
  }

  #takeName(name: string): void {
    this.#options.identity.name = name;
    this.#nameProblem = undefined;
    if (this.#name === name) return;
    this.#name = name;
    this.#options.changed('name');
  }

  #say(message: ClientMessage): void {
    this.#connection.send(encodeClientMessage(message));
  }
}
