/**
 * What an idle connection costs: one server process holds 10,000 of them (or as many as the first argument says) on
 * 127.0.0.1, and tells its memory for each, measured after a garbage collection. The clients are bare sockets in a
 * process of their own, so that only the server is measured. It ends by itself.
 *
 *     npm run bench:idle
 *     npm run bench:idle -- 20000
 *
 * Uses the built package, which the script in package.json sees to. Both processes need a file descriptor for each
 * connection (`ulimit -n`), and the clients a port. Resident memory holds the heap's young generation too, which
 * grows to 48 MiB under load; NODE_OPTIONS=--max-semi-space-size=1 keeps it small.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import process from 'node:process';
import { WebSocketServer } from '../packages/websocket/dist/index.js';

const CONNECTIONS_A_BATCH = 200;
/** Besides the connections a process has files, pipes and its listening socket open. */
const OTHER_DESCRIPTORS = 64;

/** What a browser sends, for a request is kept as long as its peer. */
const HANDSHAKE = [
  'GET /chat?room=lobby HTTP/1.1',
  'Host: localhost:8080',
  'Connection: Upgrade',
  'Pragma: no-cache',
  'Cache-Control: no-cache',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Upgrade: websocket',
  'Origin: http://localhost:8080',
  'Sec-WebSocket-Version: 13',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
  'Cookie: session=0123456789abcdef0123456789abcdef',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
  '\r\n',
].join('\r\n');

if (process.send === undefined) await measure(Number(process.argv[2] ?? 10_000));
else await holdConnections(Number(process.argv[2]), Number(process.argv[3]));

/** The server's process. */
async function measure(count) {
  if (!Number.isSafeInteger(count) || count < 1)
    return fail(`Expected a number of connections, received ${count}`);
  if (typeof globalThis.gc !== 'function')
    return fail('Expected node --expose-gc, which `npm run bench:idle` gives');
  const limit = descriptorLimit();
  if (limit < count + OTHER_DESCRIPTORS) {
    return fail(`Expected ulimit -n to be at least ${count + OTHER_DESCRIPTORS}, received ${limit}.
Raise it in this shell: ulimit -n ${count + OTHER_DESCRIPTORS}
If that is refused, the hard limit (ulimit -Hn) has to be raised by the administrator, or measure fewer connections:
npm run bench:idle -- ${Math.max(1, limit - OTHER_DESCRIPTORS)}`);
  }
  const server = new WebSocketServer({ message: (peer, message) => void peer.send(message) });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.address();

  await warmUp(port);
  const before = memory();
  const clients = fork(import.meta.filename, [String(port), String(count)], { execArgv: [] });
  const [message] = await Promise.race([once(clients, 'message'), once(clients, 'exit')]);
  if (message !== 'connected' || server.peerCount !== count)
    return fail(`Expected ${count} connections, received ${server.peerCount}`);
  const idle = memory();
  report(count, before, idle);

  clients.kill();
  await server.close({ deadlineMs: 0 });
}

/** Has all code loaded and compiled that a connection runs through, so that it is not counted as one's memory. */
async function warmUp(port) {
  const clients = fork(import.meta.filename, [String(port), String(CONNECTIONS_A_BATCH)], { execArgv: [] });
  await once(clients, 'message');
  clients.kill();
  await once(clients, 'exit');
}

/** The clients' process: opens the connections, tells so, and holds them until it is killed. */
async function holdConnections(port, count) {
  for (let opened = 0; opened < count; opened += CONNECTIONS_A_BATCH) {
    const batch = Math.min(CONNECTIONS_A_BATCH, count - opened);
    await Promise.all(Array.from({ length: batch }, () => open(port)));
  }
  process.send('connected');
}

async function open(port) {
  const socket = connect(port, '127.0.0.1');
  socket.write(HANDSHAKE);
  const [response] = await once(socket, 'data');
  if (!response.toString('latin1').startsWith('HTTP/1.1 101 '))
    throw new Error(`Expected status 101, received ${response}`);
}

/** The soft limit on open files, which Node raises to the hard one when it starts. */
function descriptorLimit() {
  const { userLimits } = process.report.getReport();
  const { soft } = userLimits.open_files;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

function memory() {
  // What is only weakly held goes with the second collection.
  globalThis.gc();
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}

function report(count, before, idle) {
  console.log(`${count} idle connections on Node.js ${process.version}`);
  for (const [name, title] of [
    ['rss', 'resident memory'],
    ['heapUsed', 'JavaScript heap'],
    ['external', 'buffers'],
  ]) {
    const grown = idle[name] - before[name];
    const whole = (idle[name] / 1024 ** 2).toFixed(1).padStart(7);
    console.log(`${title.padEnd(16)} ${whole} MiB, ${(grown / count / 1024).toFixed(2)} KiB a connection`);
  }
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
