/**
 * Holds many connections, each of which may have exchanged some messages, while somebody else looks at the server's
 * memory: says so in a line, and goes on with each line it is given. A few connections come and go before, so that
 * what the server compiles and allocates once is not counted.
 */
import { readSync, writeSync } from 'node:fs';
import process from 'node:process';
import { RingReader, RingWriter } from './byte-ring.mjs';
import { openCrowd } from './crowd.mjs';
import { learnRings } from './learning.mjs';

const WARM_UP_CONNECTIONS = 200;
const TIMEOUT_MS = 120_000;
/** How many connections exchange messages at once. */
const AT_ONCE = 200;

export function runHolding(poller, target, messages, work) {
  const rings = work.messagesEach > 0 ? learnRings(poller, target, messages) : undefined;
  const warmUp = openCrowd(poller, target, WARM_UP_CONNECTIONS);
  exchange(poller, warmUp, rings, work.messagesEach);
  for (const connection of warmUp) connection.close();
  pause('warm');
  const connections = openCrowd(poller, target, work.connections);
  exchange(poller, connections, rings, work.messagesEach);
  pause('holding');
  return { connections: connections.length };
}

/** Every connection sends so many messages, one after the other, and has each of them back. */
function exchange(poller, connections, rings, messagesEach) {
  if (rings === undefined) return;
  const { requests, responses } = rings;
  const waiting = [...connections];
  let busy = 0;
  const next = () => {
    const connection = waiting.pop();
    if (connection === undefined) return;
    let left = messagesEach;
    busy++;
    connection.write(new RingWriter(connection.socket, requests, 0));
    connection.expect(new RingReader(responses, 0), () => {
      left--;
      if (left > 0) return connection.send(1);
      busy--;
      next();
    });
    connection.send(1);
  };
  for (let i = 0; i < AT_ONCE; i++) next();
  if (poller.run(() => busy === 0, TIMEOUT_MS)) return;
  throw new Error(`Expected all answers, ${busy + waiting.length} connections wait for theirs`);
}

function pause(phase) {
  writeSync(process.stdout.fd, `${phase}\n`);
  readSync(process.stdin.fd, Buffer.alloc(1));
}
