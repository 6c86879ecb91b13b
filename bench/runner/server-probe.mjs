/** Loaded into a server that runs in Node, before the server itself: answers what only the inside can know. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';

const RESOLUTION_MS = 1;
const NS_PER_MS = 1_000_000;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

const answers = {
  lateness: () => ({
    p50: late(delay.percentile(50)),
    p99: late(delay.percentile(99)),
    max: late(delay.max),
  }),
  memoryInUse() {
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
};

process.on('message', (question) => process.send(answers[question]()));

function late(ns) {
  return ns / NS_PER_MS - RESOLUTION_MS;
}
