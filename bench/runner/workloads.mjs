/** What is measured, in the order in which it runs. Above: `options.mjs` chooses; `measuring.mjs` carries out. */

const KIB = 1024;
const MIB = 1024 * 1024;

const binary = (size) => ({ content: 'binary', size, compress: false });
const text = (size) => ({ content: 'text', size, compress: false });
const json = { content: 'json', size: KIB, compress: true };

/** One workload each: its name, what it is called, the message, and how many are in flight on how many connections. */
export const workloads = [
  echo('echo-64', 'Echo, 64 B, 1 in flight', binary(64), 1, 100),
  echo('echo-64-x32', 'Echo, 64 B, 32 in flight', binary(64), 32, 100),
  echo('echo-64-text', 'Echo, 64 B of text, 1 in flight', text(64), 1, 100),
  echo('echo-64-text-x32', 'Echo, 64 B of text, 32 in flight', text(64), 32, 100),
  echo('echo-64k', 'Echo, 64 KiB, 1 in flight', binary(64 * KIB), 1, 20),
  echo('echo-1m', 'Echo, 1 MiB, 1 in flight', binary(MIB), 1, 8),
  echo('echo-json-deflate', 'Echo, 1 KiB of JSON, deflated, 4 in flight', json, 4, 100),
  fanOut('fan-1000', 'Fan-out to 1,000, 128 B, 1 in flight', binary(128), 1, 1000),
  fanOut('fan-1000-x16', 'Fan-out to 1,000, 128 B, 16 in flight', binary(128), 16, 1000),
  fanOut('fan-1000-deflate', 'Fan-out to 1,000, 1 KiB of JSON, deflated, 1 in flight', json, 1, 1000),
  fanOut('fan-1000-x4-deflate', 'Fan-out to 1,000, 1 KiB of JSON, deflated, 4 in flight', json, 4, 1000),
  fanOut('fan-1000-x16-deflate', 'Fan-out to 1,000, 1 KiB of JSON, deflated, 16 in flight', json, 16, 1000),
  fanOut('fan-10000', 'Fan-out to 10,000, 128 B, 1 in flight', binary(128), 1, 10_000),
  ...growing([10, 100, 1000, 10_000], (count) =>
    echo(
      `growth-connections-${count}`,
      `Growth: echo, 64 B, ${count.toLocaleString('en')} connections`,
      binary(64),
      1,
      count,
    ),
  ),
  ...growing([16, 256, 4 * KIB, 64 * KIB, MIB, 16 * MIB], (size) =>
    echo(`growth-size-${size}`, `Growth: echo, ${formatSize(size)}`, binary(size), 1, 4),
  ),
  loadOf('handshakes', 'handshakes/s', {
    name: 'handshakes',
    title: 'Handshakes, 64 under way',
    ...binary(64),
    connections: 64,
  }),
  memory('memory-idle', 'Memory of an idle connection', binary(64), 0),
  memory('memory-traffic', 'Memory of a connection after 16 messages of 1 KiB', binary(KIB), 16),
  memory('memory-deflate', 'Memory of a connection after a deflated message', json, 1),
  delay(echo('delay-echo-64-x32', 'Event-loop delay: echo, 64 B, 32 in flight', binary(64), 32, 100)),
  delay(
    fanOut('delay-fan-1000-x16', 'Event-loop delay: fan-out to 1,000, 16 in flight', binary(128), 16, 1000),
  ),
  client('client-receive-64', 'Client: receive, 64 B', 'receive', binary(64)),
  client('client-receive-64k', 'Client: receive, 64 KiB', 'receive', binary(64 * KIB)),
  client('client-send-64', 'Client: send, 64 B', 'send', binary(64)),
  client('client-send-64k', 'Client: send, 64 KiB', 'send', binary(64 * KIB)),
  hub(fanOut('hub-fan-1000', 'Hub: fan-out to 1,000, 128 B, 1 in flight', text(128), 1, 1000)),
  hub(fanOut('hub-fan-1000-x16', 'Hub: fan-out to 1,000, 128 B, 16 in flight', text(128), 16, 1000)),
  hub(memory('hub-memory', 'Hub: memory of a connection that has identity and a subscription', text(128), 0)),
];

/** Enough to see the curve of ours beside those of others. */
function growing(steps, create) {
  return steps.map((step) => ({ ...create(step), peers: ['hawser', 'ws', 'uws', 'bun', 'bare'] }));
}

/** Bytes that stay resident in the server. */
function memory(name, title, message, messagesEach) {
  const work = { name, title, ...message, messagesEach, connections: 10_000 };
  return { ...loadOf('holding', 'B/connection', work), kind: 'memory', isCost: true };
}

/** How late the server's timers are, at worst but for one in a hundred. */
function delay(workload) {
  return { ...workload, kind: 'delay', unit: 'ms', isCost: true, isProbed: true };
}

/** The clients of those that have one, against a server that is never what they wait for. */
function client(name, title, direction, message) {
  const load = direction === 'receive' ? 'source' : 'sink';
  const work = { name, title, ...message, direction };
  return { ...loadOf(load, 'messages/s', work), kind: 'client', peers: ['hawser', 'ws', 'undici'] };
}

/** What the hub does, beside our server without it, and what others have for it. */
function hub(workload) {
  return { ...workload, isForHub: true, rehearsal: 10_000, peers: ['hawser-hub', 'hawser', 'socket.io'] };
}

function formatSize(size) {
  if (size < KIB) return `${size} B`;
  return size < MIB ? `${size / KIB} KiB` : `${size / MIB} MiB`;
}

function echo(name, title, message, inFlight, connections) {
  return loadOf('echo', 'messages/s', { name, title, ...message, inFlight, connections });
}

function fanOut(name, title, message, inFlight, connections) {
  return loadOf('fan', 'deliveries/s', { name, title, ...message, inFlight, connections });
}

function loadOf(load, unit, work) {
  return { ...work, kind: 'load', load, path: load === 'fan' ? '/fan' : '/echo', unit };
}
