/** Carries out one workload on one peer: a fresh server, a fresh load, one figure. */
import { join } from 'node:path';
import { Core, outputOf, start } from './child-process.mjs';
import { commandFor } from './runtimes.mjs';
import { startServer } from './server-process.mjs';

const LOAD = join(import.meta.dirname, '..', 'load', 'main.mjs');
/** What a load may take besides the time that it measures for. */
const LOAD_TIMEOUT_MS = 120_000;

/** Whether the peer can do the work at all. */
export function canDo(peer, workload) {
  return !workload.compress || peer.deflates;
}

/** @returns `{ value, … }`: the figure, and what is known besides. */
export function measure(peer, workload, timing) {
  return kinds[workload.kind](peer, workload, timing);
}

const kinds = {
  async load(peer, workload, timing) {
    const server = await startServer(peer, workload);
    try {
      const { rate, ...rest } = await runLoad({
        ...workload,
        ...timing,
        port: server.port,
        dialect: peer.dialect,
      });
      return { value: rate, ...rest };
    } finally {
      await server.stop();
    }
  },
};

async function runLoad(work) {
  const child = start(commandFor('bun', LOAD, JSON.stringify(work)), Core.Load);
  return JSON.parse(await outputOf(child, work.warmUpMs + work.durationMs + LOAD_TIMEOUT_MS));
}
