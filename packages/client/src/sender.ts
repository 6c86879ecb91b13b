/**
 * What is sent, and when: questions first, then publications in order, and neither faster than the socket takes them. What
 * the socket has taken cannot be called back, and a ping stands behind it; so commands wait here.
 */

import type { Reply } from '@hawser/wire';
import { drawDelay } from './backoff.ts';
import type { CancelTimer } from './clock.ts';
import { CommandQueue, type QueuedCommand } from './command-queue.ts';
import type { Connection } from './connection.ts';
import type { Problem } from './errors.ts';
import type { ClientSettings } from './options.ts';
import { randomFraction } from './random.ts';

/** When to look again at a socket that was full; browsers do not tell. */
const POLL_MS = 20;

/** The way out. */
export class Sender {
  /** Publications. */
  readonly outbox: CommandQueue;
  /** What waits for a reply that says something. */
  readonly questions: CommandQueue;
  readonly #queues: readonly CommandQueue[];
  readonly #connection: Connection;
  readonly #settings: ClientSettings;
  #pausedUntil = 0;
  #cancelPump: CancelTimer | undefined;

  constructor(connection: Connection, settings: ClientSettings) {
    const { clock, outbox, requestTimeoutMs } = settings;
    this.#connection = connection;
    this.#settings = settings;
    this.outbox = new CommandQueue(clock, outbox);
    this.questions = new CommandQueue(clock, {
      ...outbox,
      maxAgeMs: requestTimeoutMs,
      maxInFlight: Infinity,
    });
    this.#queues = [this.outbox, this.questions];
  }

  /** Sends what may be sent. */
  pump(): void {
    while (this.#connection.state.status === 'connected') {
      if (this.#connection.measureBuffer() > this.#settings.maxBufferedBytes) return this.#pumpIn(POLL_MS);
      const next = this.questions.take() ?? this.#takePublication();
      if (next === undefined) return;
      this.#connection.send(next.frame);
    }
  }

  /** An answer has come. */
  answer(reply: Reply): void {
    for (const queue of this.#queues) queue.answer(reply);
    this.pump();
  }

  /** There will be no answer. */
  refuse(id: number, problem: Problem): void {
    for (const queue of this.#queues) queue.refuse(id, problem);
    this.pump();
  }

  /** There will be none to any command. */
  clear(problem: Problem): void {
    for (const queue of this.#queues) queue.clear(problem);
  }

  /** The connection is lost. */
  lose(): void {
    this.#pausedUntil = 0;
    this.#cancelPump?.();
    for (const queue of this.#queues) queue.lose();
  }

  /** The hub does not want a publication now: it goes again, and nothing new overtakes it. False if it is none. */
  postpone(id: number, retryInMs: number | undefined): boolean {
    const isPublication = this.outbox.sendAgain(id);
    if (isPublication) {
      const until = this.#settings.clock.now() + this.delay(retryInMs);
      this.#pausedUntil = Math.max(this.#pausedUntil, until);
      this.pump();
    }
    return isPublication;
  }

  /** How long to wait before something is asked again: not all clients at once. */
  delay(retryInMs = 0): number {
    const { random, backoff } = this.#settings;
    return retryInMs + drawDelay(0, randomFraction(random), backoff);
  }

  #takePublication(): QueuedCommand | undefined {
    const pauseMs = this.#pausedUntil - this.#settings.clock.now();
    if (pauseMs <= 0) return this.outbox.take();
    this.#pumpIn(pauseMs);
    return undefined;
  }

  #pumpIn(delayMs: number): void {
    this.#cancelPump?.();
    this.#cancelPump = this.#settings.clock.schedule(() => this.pump(), delayMs);
  }
}
