/**
 * The room: who is in it, what is said in it, and that everybody hears it in the same order. It knows no socket: a member is
 * something to which messages are delivered. Between the sessions above (`chat-session.ts`) and the log and the people below.
 */

import type {
  Accepted,
  ChatMessage,
  NameRefused,
  Person,
  Position,
  Post,
  Refused,
  ServerMessage,
  Welcome,
} from '../contract/messages.ts';
import { checkName } from '../contract/name.ts';
import { checkText } from '../contract/text.ts';
import { Broadcast } from './broadcast.ts';
import { ChatLog, type ChatLogLimits, defaultChatLogLimits } from './chat-log.ts';
import { People } from './people.ts';

/** One connection to the room. */
export interface Member {
  deliver(broadcast: Broadcast): void;
}

export interface ChatRoomOptions {
  /** Different at each start of the server. */
  readonly epoch: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly maxPeople?: number;
  readonly log?: ChatLogLimits;
}

const defaultMaxPeople = 500;

export interface Entry {
  readonly personId: string;
  readonly name: string;
  /** The last place in the log that the member has seen. */
  readonly since: Position | undefined;
}

/** What becomes of somebody who wants in. */
export type Admission = Welcome | NameRefused | { readonly type: 'full' };

export class ChatRoom {
  readonly #now: () => number;
  readonly #maxPeople: number;
  readonly #log: ChatLog;
  readonly #people = new People();
  readonly #personIds = new Map<Member, string>();

  constructor({ epoch, now, maxPeople = defaultMaxPeople, log = defaultChatLogLimits }: ChatRoomOptions) {
    this.#now = now;
    this.#maxPeople = maxPeople;
    this.#log = new ChatLog(epoch, log);
  }

  enter(member: Member, { personId, name, since }: Entry): Admission {
    const naming = this.#checkName(name, personId);
    if (!naming.ok) return { type: 'name-refused', reason: naming.reason };
    if (!this.#people.has(personId) && this.#people.count >= this.#maxPeople) return { type: 'full' };

    const person: Person = { id: personId, name: naming.name };
    const arrival = this.#people.enter(person);
    if (arrival !== 'unchanged') this.#broadcast({ type: 'person-here', person });
    this.#personIds.set(member, personId);
    const { recovery, messages } = this.#log.since(since);
    const people = this.#people.list();
    return { type: 'welcome', you: personId, epoch: this.#log.epoch, recovery, messages, people };
  }

  /** Everybody hears of a new name, the member included; only a refusal is returned. */
  rename(member: Member, name: string): NameRefused | undefined {
    const id = this.#personIdOf(member);
    const naming = this.#checkName(name, id);
    if (!naming.ok) return { type: 'name-refused', reason: naming.reason };
    const person: Person = { id, name: naming.name };
    if (this.#people.rename(person)) this.#broadcast({ type: 'person-here', person });
    return undefined;
  }

  /** Everybody hears the message before its author hears that it was accepted. */
  post(member: Member, { id, text }: Post): Accepted | Refused {
    const author = this.#personOf(member);
    const known = this.#log.receiptOf(author.id, id);
    if (known !== undefined) return { type: 'accepted', id, ...known };

    const checked = checkText(text);
    if (!checked.ok) return { type: 'refused', id, reason: checked.reason };
    const message = this.#log.append({ id, author, text: checked.text, sentAt: this.#now() });
    this.#broadcast({ type: 'message', message });
    return acceptanceOf(message);
  }

  leave(member: Member): void {
    const id = this.#personIds.get(member);
    if (id === undefined) return;
    this.#personIds.delete(member);
    if (this.#people.leave(id)) this.#broadcast({ type: 'person-left', id });
  }

  #checkName(typed: string, personId: string): ReturnType<typeof checkName> {
    const checked = checkName(typed);
    if (!checked.ok || !this.#people.isTaken(checked.name, personId)) return checked;
    return {
      ok: false,
      reason: `Somebody here already goes by “${checked.name}”. Please choose another name.`,
    };
  }

  #personOf(member: Member): Person {
    const id = this.#personIdOf(member);
    return { id, name: this.#people.nameOf(id) ?? '' };
  }

  #personIdOf(member: Member): string {
    const id = this.#personIds.get(member);
    if (id === undefined) throw new TypeError('Expected a member of the room, received another');
    return id;
  }

  /** Encodes once, however many are here. */
  #broadcast(message: ServerMessage): void {
    const broadcast = new Broadcast(message);
    for (const member of this.#personIds.keys()) member.deliver(broadcast);
  }
}

function acceptanceOf({ id, sequence, sentAt }: ChatMessage): Accepted {
  return { type: 'accepted', id, sequence, sentAt };
}
