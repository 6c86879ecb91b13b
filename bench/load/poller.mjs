/**
 * A loop over many sockets that runs until somebody has enough: no promise, no queue, and the clock read only where a
 * latency asks for it. Below: `system-calls.mjs`; above: `connection.mjs` and the workloads.
 */
import { openPoll, PollEvents, Readiness, rewatch, unwatch, watch } from './system-calls.mjs';

const EVENTS_PER_WAIT = 1024;
const LONGEST_WAIT_MS = 20;

/** Tells owners of sockets, `{ socket, readable(), writable(), broken() }`, what their sockets are ready for. */
export class Poller {
  #poll = openPoll();
  #events = new PollEvents(EVENTS_PER_WAIT);
  #owners = [];

  add(owner, waitForRoom = false) {
    owner.tag = this.#owners.push(owner) - 1;
    watch(this.#poll, owner.socket, owner.tag, readinessOf(waitForRoom));
  }

  /** Whether the owner hears of room to write, besides bytes to read. */
  waitForRoom(owner, isWanted) {
    rewatch(this.#poll, owner.socket, owner.tag, readinessOf(isWanted));
  }

  remove(owner) {
    unwatch(this.#poll, owner.socket);
    this.#owners[owner.tag] = undefined;
  }

  /** Turns until `isDone` says so, which is asked once a turn. @returns Whether it did before the deadline. */
  run(isDone, timeoutMs) {
    const deadline = performance.now() + timeoutMs;
    while (!isDone()) {
      if (performance.now() > deadline) return false;
      this.#turn();
    }
    return true;
  }

  /** Turns for so long. */
  runFor(durationMs) {
    this.run(() => false, durationMs);
  }

  #turn() {
    const count = this.#events.wait(this.#poll, LONGEST_WAIT_MS);
    for (let i = 0; i < count; i++) {
      const readiness = this.#events.readiness(i);
      const tag = this.#events.tag(i);
      if (readiness & Readiness.Readable) this.#owners[tag]?.readable();
      if (readiness & Readiness.Writable) this.#owners[tag]?.writable();
      if (readiness & Readiness.Broken) this.#owners[tag]?.broken();
    }
  }
}

function readinessOf(waitForRoom) {
  return waitForRoom ? Readiness.Readable | Readiness.Writable : Readiness.Readable;
}
