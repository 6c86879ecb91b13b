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
];

function echo(name, title, message, inFlight, connections) {
  return loadOf('echo', 'messages/s', { name, title, ...message, inFlight, connections });
}

function fanOut(name, title, message, inFlight, connections) {
  return loadOf('fan', 'deliveries/s', { name, title, ...message, inFlight, connections });
}

function loadOf(load, unit, work) {
  return { ...work, kind: 'load', load, path: `/${load}`, unit };
}
