/**
 * Commands on their way: those that wait for a connection, and those that were sent and are not answered. What was sent
 * when a connection was lost is sent again, in its place, as it was, so that nothing is lost, doubled or overtaken; unless
 * the server may have done it and would do it again. Publications stand in one queue, the outbox, and questions in another.
 */

import type { Reply } from '@hawser/wire';
import type { KeptPublication } from './client-storage.ts';
import type { CancelTimer, Clock } from './clock.ts';
import { HawserError, type Problem, problemOf } from './errors.ts';

/** How much may be on its way. */
export interface QueueLimits {
  /** Bytes of commands, two for each character of text, and 256 for each command. */
  readonly maxBytes: number;
  /** How long a command may wait, for a connection and an answer together, in ms. */
  readonly maxAgeMs: number;
  /** How many may be sent without an answer. */
  readonly maxInFlight: number;
}

/** A command for which somebody waits. */
export interface QueuedCommand extends KeptPublication {
  /** Whether it does no harm to send it again. */
  readonly isRepeatable: boolean;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: HawserError) => void;
}

interface Entry extends QueuedCommand {
  readonly cancelTimeout: CancelTimer;
}

/** What is counted for each command besides its own bytes. */
const OVERHEAD = 256;

/** One queue of one client. */
export class CommandQueue {
  readonly #clock: Clock;
  readonly #limits: QueueLimits;
  #waiting = new Map<number, Entry>();
  readonly #sent = new Map<number, Entry>();
  #bytes = 0;

  constructor(clock: Clock, limits: QueueLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** All of them, in order. */
  get commands(): readonly QueuedCommand[] {
    return inOrder([...this.#sent.values(), ...this.#waiting.values()]);
  }

  /**
   * Takes a command in.
   *
   * @throws HawserError `queue-full`
   */
  add(command: QueuedCommand, timeoutMs: number = this.#limits.maxAgeMs): void {
    const bytes = this.#bytes + sizeOf(command);
    if (bytes > this.#limits.maxBytes) throw new HawserError(problemOf('queue-full'));
    this.#bytes = bytes;
    const { id, at } = command;
    const cancelTimeout = this.#clock.schedule(
      () => this.refuse(id, problemOf('timed-out')),
      at + timeoutMs - this.#clock.date(),
    );
    this.#waiting.set(id, { ...command, cancelTimeout });
  }

  /** The next to send, which then counts as sent; undefined if there is none, or if enough are unanswered. */
  take(): QueuedCommand | undefined {
    const [next] = this.#waiting.values();
    if (next === undefined || this.#sent.size >= this.#limits.maxInFlight) return undefined;
    this.#waiting.delete(next.id);
    this.#sent.set(next.id, next);
    return next;
  }

  /** Hands an answer to whoever waits for it. */
  answer(reply: Reply): void {
    this.#remove(reply.id)?.resolve(reply);
  }

  /** Tells whoever waits that there will be no answer. */
  refuse(id: number, problem: Problem): void {
    this.#remove(id)?.reject(new HawserError(problem));
  }

  /** Tells all who wait, or those who are meant. */
  clear(problem: Problem, isMeant: (command: QueuedCommand) => boolean = () => true): void {
    for (const command of this.commands) if (isMeant(command)) this.refuse(command.id, problem);
  }

  /** The hub does not want a command now: it waits again, in its place. False if none such was sent. */
  sendAgain(id: number): boolean {
    const entry = this.#sent.get(id);
    if (entry !== undefined) this.#putBack([entry]);
    return entry !== undefined;
  }

  /** The connection is lost: what was sent waits again, in its place, or is refused. */
  lose(): void {
    const sent = [...this.#sent.values()];
    this.#putBack(sent.filter((entry) => entry.isRepeatable));
    for (const { id } of this.#sent.values()) this.refuse(id, problemOf('connection-lost'));
  }

  #putBack(entries: readonly Entry[]): void {
    for (const { id } of entries) this.#sent.delete(id);
    const waiting = inOrder([...entries, ...this.#waiting.values()]);
    this.#waiting = new Map(waiting.map((entry) => [entry.id, entry]));
  }

  #remove(id: number): Entry | undefined {
    const entry = this.#sent.get(id) ?? this.#waiting.get(id);
    if (entry === undefined) return undefined;
    this.#sent.delete(id);
    this.#waiting.delete(id);
    this.#bytes -= sizeOf(entry);
    entry.cancelTimeout();
    return entry;
  }
}

function inOrder(entries: Entry[]): readonly Entry[] {
  return entries.sort((a, b) => a.id - b.id);
}

function sizeOf({ frame }: QueuedCommand): number {
  return OVERHEAD + (typeof frame === 'string' ? 2 * frame.length : frame.length);
}
