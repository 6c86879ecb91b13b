/** Opens many connections, not all at once: a server's backlog is finite, and a SYN that is dropped waits a second. */
import { Connection } from './connection.mjs';

const AT_ONCE = 128;
const TIMEOUT_MS = 60_000;

/** @returns The connections, all open. */
export function openCrowd(poller, target, count) {
  const connections = [];
  let openCount = 0;
  const begin = () => connections.push(new Connection(poller, target, opened));
  function opened() {
    openCount++;
    if (connections.length < count) begin();
  }
  for (let i = 0; i < Math.min(AT_ONCE, count); i++) begin();
  if (poller.run(() => openCount === count, TIMEOUT_MS)) return connections;
  throw new Error(`Expected ${count} connections, received ${openCount}`);
}
