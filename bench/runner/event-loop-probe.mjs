/** Loaded into a server that runs in Node, before the server itself: tells by how much its timers are late. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';

const RESOLUTION_MS = 1;
const NS_PER_MS = 1_000_000;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.on('message', () => {
  const late = (ns) => ns / NS_PER_MS - RESOLUTION_MS;
  process.send({ p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) });
});
