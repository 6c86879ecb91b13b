/** So many handshakes are under way at any time; each connection that was opened is reset, and the next one begins. */
import { Connection } from './connection.mjs';
import { LatencyRecord } from './latency.mjs';
import { measure } from './measurement.mjs';

export function runHandshakes(poller, target, _messages, work) {
  const load = new HandshakeLoad(poller, target);
  for (let i = 0; i < work.connections; i++) load.begin();
  return measure(poller, load, { ...work, perMessage: 1 });
}

class HandshakeLoad {
  sent = 0;
  received = 0;
  latency = new LatencyRecord();
  #isStopped = false;
  #poller;
  #target;

  constructor(poller, target) {
    this.#poller = poller;
    this.#target = target;
  }

  begin() {
    const began = performance.now();
    this.sent++;
    new Connection(this.#poller, this.#target, (connection) => {
      this.received++;
      this.latency.add(began, performance.now(), 1);
      connection.close();
      if (!this.#isStopped) this.begin();
    });
  }

  stop() {
    this.#isStopped = true;
  }
}
