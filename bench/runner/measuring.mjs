/** Carries out one workload on one peer: a fresh server, a fresh load, one figure. */
import { setTimeout as delay } from 'node:timers/promises';
import { startClient } from './client-process.mjs';
import { LoadProcess } from './load-process.mjs';
import { startServer } from './server-process.mjs';

/** How long memory is left to settle before it is looked at. */
const SETTLE_MS = 2000;

/** Whether the peer can do the work at all. */
export function canDo(peer, workload) {
  if (peer.isClientOnly && workload.kind !== 'client') return false;
  if (peer.isHub && !workload.peers?.includes(peer.name)) return false;
  if (workload.compress && !peer.deflates) return false;
  if (workload.kind === 'delay') return peer.runtime === 'node';
  return workload.peers === undefined || workload.peers.includes(peer.name);
}

/** @returns `{ value, … }`: the figure, and what is known besides. */
export function measure(peer, workload, timing) {
  return kinds[workload.kind](peer, workload, timing);
}

const kinds = {
  /** Messages, deliveries or handshakes a second. */
  load: (peer, workload, timing) =>
    withServerAndLoad(peer, workload, timing, async (_server, load) => {
      const { rate, ...rest } = await load.result();
      return { value: rate, ...rest };
    }),

  /** Bytes a connection. */
  memory: (peer, workload, timing) =>
    withServerAndLoad(peer, workload, timing, async (server, load) => {
      const before = await memoryAfter(server, load);
      const after = await memoryAfter(server, load);
      const { connections } = await load.result();
      return { value: (after - before) / connections };
    }),

  /** By how many ms the server's timers are late. */
  delay: (peer, workload, timing) =>
    withServerAndLoad(peer, workload, timing, async (server, load) => {
      const { rate } = await load.result();
      const lateMs = await server.lateness();
      return { value: lateMs.p99, lateMs, rate };
    }),

  /** What a client receives or sends. */
  async client(peer, workload, timing) {
    const load = new LoadProcess({ ...workload, ...timing });
    const client = startClient(peer, workload, timing, await load.line());
    try {
      const { rate, ...rest } = await load.result();
      await client.ended();
      return { value: rate, ...rest };
    } finally {
      await client.stop();
      await load.stop();
    }
  },
};

async function withServerAndLoad(peer, workload, timing, use) {
  const server = await startServer(peer, workload);
  const { port, pid: serverPid } = server;
  const load = new LoadProcess({ ...workload, ...timing, port, serverPid, dialect: peer.dialect });
  try {
    return await use(server, load);
  } finally {
    await load.stop();
    await server.stop();
  }
}

async function memoryAfter(server, load) {
  await load.line();
  await delay(SETTLE_MS);
  const { memory } = server;
  load.proceed();
  return memory;
}
