/** Every connection keeps so many messages in flight: for each that comes back it sends the next one. */
import { RingReader, RingWriter } from './byte-ring.mjs';
import { openCrowd } from './crowd.mjs';
import { InFlight, LatencyRecord } from './latency.mjs';
import { learnRings } from './learning.mjs';
import { measure } from './measurement.mjs';

/** Connections begin at different messages of the cycle, so that one cannot pass for another. */
const STRIDE = 7;

export function runEcho(poller, target, messages, work) {
  const rings = learnRings(poller, target, messages);
  const connections = openCrowd(poller, target, work.connections);
  const load = new EchoLoad(rings, work.inFlight);
  for (const [index, connection] of connections.entries()) load.begin(connection, index);
  return measure(poller, load, { ...work, perMessage: 1 });
}

class EchoLoad {
  sent = 0;
  received = 0;
  latency = new LatencyRecord();
  #isStopped = false;
  #rings;
  #inFlight;

  constructor(rings, inFlight) {
    this.#rings = rings;
    this.#inFlight = inFlight;
  }

  begin(connection, index) {
    const { requests, responses } = this.#rings;
    const first = (index * STRIDE) % requests.count;
    const inFlight = new InFlight(this.#inFlight);
    connection.write(new RingWriter(connection.socket, requests, first));
    connection.expect(new RingReader(responses, first), (_connection, count) =>
      this.#answered(connection, inFlight, count),
    );
    this.#send(connection, inFlight, performance.now(), this.#inFlight);
  }

  stop() {
    this.#isStopped = true;
  }

  #answered(connection, inFlight, count) {
    const now = performance.now();
    this.received += count;
    inFlight.settle(now, count, this.latency);
    if (!this.#isStopped) this.#send(connection, inFlight, now, count);
  }

  #send(connection, inFlight, now, count) {
    this.sent += count;
    inFlight.push(now, count);
    connection.send(count);
  }
}
