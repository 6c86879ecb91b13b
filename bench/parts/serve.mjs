/** The half of `server-process.mjs` that lives in the server's process: says where it listens and what it holds. */
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { WebSocketServer } from '../../packages/websocket/dist/index.js';

/** Collections after which what is garbage has gone, that of finalizers included. */
const COLLECTIONS = 4;
const BETWEEN_COLLECTIONS_MS = 100;

/** What the benchmark said. */
export const options = JSON.parse(process.argv[2] ?? '{}');

/** Serves until the benchmark ends this process. */
export async function serve(serverOptions) {
  const server = new WebSocketServer({ heartbeatIntervalMs: 0, ...serverOptions });
  await server.listen({ host: '127.0.0.1', port: 0 });
  process.on('message', async () => process.send(await memory()));
  process.on('disconnect', () => process.exit());
  process.send({ port: server.address().port });
}

async function memory() {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc();
    await setTimeout(BETWEEN_COLLECTIONS_MS);
  }
  // resourceUsage tells the largest RSS so far, in KiB.
  return { ...process.memoryUsage(), peak: process.resourceUsage().maxRSS * 1024 };
}
