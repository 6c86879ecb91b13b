/**
 * `npm run bench:soak`: five minutes, or as many seconds as the first argument says, of one load after the other on one
 * server of ours. A second, slow client has to get its Pongs all the while, and the heap has to stay flat.
 */
import process from 'node:process';
import { install } from './runner/installation.mjs';
import { LoadProcess } from './runner/load-process.mjs';
import { ours, peers } from './runner/peers.mjs';
import { startServer } from './runner/server-process.mjs';
import { SlowClient } from './runner/slow-client.mjs';
import { workloads } from './runner/workloads.mjs';

const DEFAULT_SECONDS = 300;
const LOADS = ['echo-64-x32', 'fan-1000-x16', 'echo-json-deflate', 'echo-1m', 'handshakes'];
const TIMING = { warmUpMs: 0, durationMs: 5000 };
const LONGEST_PONG_MS = 5000;
/** What the heap may grow by from the second time that all loads have run to the last. */
const GROWTH = { share: 0.05, bytes: 1024 * 1024 };

const durationMs = Number(process.argv[2] ?? DEFAULT_SECONDS) * 1000;
const peer = peers.find(({ name }) => name === ours);
const loads = workloads.filter(({ name }) => LOADS.includes(name));

install();
const server = await startServer(peer, { compress: true, isProbed: true });
const client = await SlowClient.open(server.port);
try {
  const heap = await soak();
  checkHeap(heap);
  process.stdout.write(
    `${client.pongCount} Pongs, the slowest after ${Math.round(client.longestPongMs)} ms\n`,
  );
} finally {
  client.close();
  await server.stop();
}

async function soak() {
  const heap = [];
  while (performance.now() < durationMs || heap.length < 3) {
    for (const workload of loads) await runLoad(workload);
    heap.push(await server.memoryInUse());
    process.stdout.write(`in use after all loads, with buffers: ${(heap.at(-1) / 1e6).toFixed(2)} MB\n`);
  }
  return heap;
}

async function runLoad(workload) {
  const load = new LoadProcess({ ...workload, ...TIMING, port: server.port, dialect: peer.dialect });
  try {
    const { rate } = await load.result();
    process.stdout.write(`${workload.name}: ${Math.round(rate)} ${workload.unit}\n`);
  } finally {
    await load.stop();
  }
  const { count, sinceMs } = client.unanswered;
  if (sinceMs > LONGEST_PONG_MS || client.longestPongMs > LONGEST_PONG_MS)
    throw new Error(`Expected a Pong within ${LONGEST_PONG_MS} ms, ${count} Pings wait for theirs`);
}

/** The first round is the compiler's; after it the heap has to come back to where it was. */
function checkHeap([, first, ...later]) {
  const limit = first * (1 + GROWTH.share) + GROWTH.bytes;
  const last = later.at(-1);
  if (last > limit) throw new Error(`Expected at most ${limit} bytes in use, received ${last}`);
}
