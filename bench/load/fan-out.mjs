/**
 * One connection keeps so many messages in flight, and all receive each of them; the next one is sent when a message
 * has come to everybody.
 */
import { openCrowd } from './crowd.mjs';
import { InFlight, LatencyRecord } from './latency.mjs';
import { learnRings } from './learning.mjs';
import { measure } from './measurement.mjs';

export function runFanOut(poller, target, messages, work) {
  const rings = learnRings(poller, target, messages);
  const connections = openCrowd(poller, target, work.connections);
  const load = new FanOutLoad(connections, rings, work.inFlight);
  load.begin(work.inFlight);
  return measure(poller, load, { ...work, perMessage: work.connections });
}

class FanOutLoad {
  sent = 0;
  received = 0;
  latency = new LatencyRecord();
  #isStopped = false;
  #sender;
  #inFlight;
  #connectionCount;
  /** How many connections have received each message in flight, the oldest at `#oldest`. */
  #arrivals;
  #oldest = 0;

  constructor(connections, { requests, responses }, inFlight) {
    [this.#sender] = connections;
    this.#inFlight = new InFlight(inFlight);
    this.#connectionCount = connections.length;
    this.#arrivals = new Uint32Array(inFlight);
    this.#sender.write(requests, 0);
    for (const connection of connections) this.#expect(connection, responses);
  }

  begin(count) {
    this.#send(performance.now(), count);
  }

  stop() {
    this.#isStopped = true;
  }

  /** A connection is never further than the messages in flight, so a slot says which message it receives next. */
  #expect(connection, responses) {
    const slots = this.#arrivals.length;
    let slot = 0;
    connection.expect(responses, 0, (_connection, count) => {
      this.received += count;
      for (let i = 0; i < count; i++) {
        this.#arrivals[slot]++;
        slot = slot + 1 === slots ? 0 : slot + 1;
      }
      this.#settle();
    });
  }

  #settle() {
    let count = 0;
    while (this.#arrivals[this.#oldest] === this.#connectionCount) {
      this.#arrivals[this.#oldest] = 0;
      this.#oldest = (this.#oldest + 1) % this.#arrivals.length;
      count++;
    }
    if (count === 0) return;
    const now = performance.now();
    this.#inFlight.settle(now, count, this.latency);
    if (!this.#isStopped) this.#send(now, count);
  }

  #send(now, count) {
    this.sent += count;
    this.#inFlight.push(now, count);
    this.#sender.send(count);
  }
}
