/**
 * The memory of connections that compress: of many that have each sent and received one compressed message of 1 KiB, by
 * default and with context takeover. Ends with 1 if the default takes more than the goal.
 *
 *     npm run bench:deflate-memory
 */
import process from 'node:process';
import { constants, deflateRawSync } from 'node:zlib';
import { jsonMessage } from './parts/json-message.mjs';
import { clientFrame, FrameReader, openSocket } from './parts/raw-client.mjs';
import { startServer } from './parts/server-process.mjs';

const CONNECTIONS = 10_000;
/** They stay open: code is compiled and the heap's young generation has grown, which no single connection costs. */
const FIRST_CONNECTIONS = 2000;
/** Connections that are opened at once: a server's backlog is finite. */
const AT_ONCE = 100;
const MESSAGE_LENGTH = 1024;
const GOAL = 8000;

const FIN_RSV1_TEXT = 0xc1;
const TAIL_LENGTH = 4;
const OFFER = 'permessage-deflate; client_max_window_bits';

const takeover = { serverContextTakeover: true, clientContextTakeover: true };
const variants = [
  { name: 'by default', options: {}, goal: GOAL },
  { name: 'context takeover, as far as the pool of 64 MiB goes', options: takeover },
  { name: 'context takeover for all, in a pool of 1 GiB', options: { ...takeover, poolLength: 1024 ** 3 } },
];

console.log(
  `${CONNECTIONS} connections, one message of ${MESSAGE_LENGTH} bytes of JSON each way on each, compressed`,
);
for (const { name, options, goal } of variants) {
  const perConnection = await measure(options);
  console.log(`${name}: ${(perConnection / 1000).toFixed(1)} KB of RSS a connection`);
  if (perConnection > goal) process.exitCode = 1;
}

async function measure(options) {
  const server = await startServer('deflate-server.mjs', options);
  const first = await openCrowd(server.port, FIRST_CONNECTIONS);
  const before = await server.memory();
  const sockets = await openCrowd(server.port, CONNECTIONS);
  const after = await server.memory();
  for (const socket of [...first, ...sockets]) socket.destroy();
  await server.stop();
  return (after.rss - before.rss) / CONNECTIONS;
}

/** @returns The sockets of so many connections, all of which have sent a message and received it back. */
async function openCrowd(port, count) {
  const sockets = [];
  const openOneByOne = async () => {
    while (sockets.length < count) {
      const index = sockets.push(undefined) - 1;
      sockets[index] = await openAndEcho(port, index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openOneByOne));
  return sockets;
}

async function openAndEcho(port, index) {
  const { socket, head } = await openSocket(port, OFFER);
  if (!/^sec-websocket-extensions: permessage-deflate/im.test(head))
    throw new Error(`Expected compression in ${head}`);
  const deflated = deflateRawSync(jsonMessage(MESSAGE_LENGTH, index), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  await new Promise((resolve, reject) => {
    const settle = (first) => {
      if (first === FIN_RSV1_TEXT) resolve();
      else reject(new Error(`Expected a compressed message back, received a frame ${first.toString(16)}`));
    };
    const reader = new FrameReader(() => undefined, settle);
    socket.on('data', (chunk) => reader.push(chunk));
    socket.once('close', () =>
      reject(new Error('Expected a message back, received the end of the connection')),
    );
    socket.write(clientFrame(FIN_RSV1_TEXT, deflated.subarray(0, -TAIL_LENGTH)));
    socket.resume();
  });
  return socket;
}
