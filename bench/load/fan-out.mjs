/**
 * One connection keeps so many messages in flight, and all receive each of them; the next one is sent when a message
 * has come to everybody.
 */
import { RingReader, RingWriter } from './byte-ring.mjs';
import { openCrowd } from './crowd.mjs';
import { InFlight, LatencyRecord } from './latency.mjs';
import { learnRings } from './learning.mjs';
import { measure } from './measurement.mjs';

export function runFanOut(poller, target, messages, work) {
  const rings = learnRings(poller, target, messages);
  const connections = openCrowd(poller, target, work.connections);
  const [sender] = connections;
  sender.write(new RingWriter(sender.socket, rings.requests, 0));
  const load = new FanOutLoad(sender, work.inFlight);
  for (const connection of connections) load.expect(connection, new RingReader(rings.responses, 0));
  load.begin(work.inFlight);
  return measure(poller, load, { ...work, perMessage: work.connections });
}

/** One sender, and all who receive what it sends. */
export class FanOutLoad {
  sent = 0;
  received = 0;
  latency = new LatencyRecord();
  #isStopped = false;
  #sender;
  #inFlight;
  #receiverCount = 0;
  /** How many connections have received each message in flight, the oldest at `#oldest`. */
  #arrivals;
  #oldest = 0;

  constructor(sender, inFlight) {
    this.#sender = sender;
    this.#inFlight = new InFlight(inFlight);
    this.#arrivals = new Uint32Array(inFlight);
  }

  /**
   * Adds a receiver. It is never further than the messages in flight, so a slot says which message it receives next.
   *
   * @param reader Counts the messages in what comes, and refuses all else.
   */
  expect(connection, reader) {
    const slots = this.#arrivals.length;
    let slot = 0;
    this.#receiverCount++;
    connection.expect(reader, (_connection, count) => {
      this.received += count;
      for (let i = 0; i < count; i++) {
        this.#arrivals[slot]++;
        slot = slot + 1 === slots ? 0 : slot + 1;
      }
      this.#settle();
    });
  }

  begin(count) {
    this.#send(performance.now(), count);
  }

  stop() {
    this.#isStopped = true;
  }

  #settle() {
    let count = 0;
    while (this.#arrivals[this.#oldest] === this.#receiverCount) {
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
