/**
 * One connection keeps so many messages in flight, and all receive each of them; the next one is sent when a message
 * has come to everybody. A warm-up of seconds may be a few hundred messages, for each has thousands of deliveries, and
 * so leave most of what a server does for a message uncompiled: where the work says so, a few connections rehearse it.
 */
import { RingReader, RingWriter } from './byte-ring.mjs';
import { openCrowd } from './crowd.mjs';
import { InFlight, LatencyRecord } from './latency.mjs';
import { learnRings } from './learning.mjs';
import { measure } from './measurement.mjs';

const REHEARSING_CONNECTIONS = 4;
const REHEARSAL_TIMEOUT_MS = 60_000;

export function runFanOut(poller, target, messages, work) {
  const rings = learnRings(poller, target, messages);
  if (work.rehearsal > 0) {
    const few = openCrowd(poller, target, REHEARSING_CONNECTIONS);
    rehearse(poller, beginLoad(few, rings, work.inFlight), work.rehearsal);
    for (const connection of few) connection.close();
  }
  const load = beginLoad(openCrowd(poller, target, work.connections), rings, work.inFlight);
  return measure(poller, load, { ...work, perMessage: work.connections });
}

function beginLoad(connections, rings, inFlight) {
  const [sender] = connections;
  sender.write(new RingWriter(sender.socket, rings.requests, 0));
  const load = new FanOutLoad(sender, inFlight);
  for (const connection of connections) load.expect(connection, new RingReader(rings.responses, 0));
  load.begin(inFlight);
  return load;
}

/** Runs a load that has begun, for so many messages. */
export function rehearse(poller, load, count) {
  const isOver = () => {
    if (load.sent >= count) load.stop();
    return load.sent >= count && load.received === load.sent * load.receiverCount;
  };
  if (!poller.run(isOver, REHEARSAL_TIMEOUT_MS)) throw new Error(`Expected a rehearsal of ${count} messages`);
}

/** One sender, and all who receive what it sends. */
export class FanOutLoad {
  sent = 0;
  received = 0;
  receiverCount = 0;
  latency = new LatencyRecord();
  #isStopped = false;
  #sender;
  #inFlight;
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
    this.receiverCount++;
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
    while (this.#arrivals[this.#oldest] === this.receiverCount) {
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
