/**
 * The course of every load: warm up, measure for a while, then send no more and wait until the last answer is in, so
 * that what was sent and what came can be counted against each other.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';

const DRAIN_TIMEOUT_MS = 20_000;
const PATIENCE_MS = 20_000;
/** How long after the last answer nothing more may come. */
const SILENCE_MS = 20;
/** The unit of `/proc/PID/stat`. */
const TICKS_PER_SECOND = 100;

/**
 * @param load What is driven: counts what it has `sent` and `received`, sends until `stop`, and keeps `latency`.
 * @param perMessage How many deliveries one message leads to.
 * @param serverPid Whose CPU time is read besides; undefined for nobody's.
 */
export function measure(poller, load, { warmUpMs, durationMs, perMessage, serverPid }) {
  poller.runFor(warmUpMs);
  load.latency.clear();
  const cpu = process.cpuUsage();
  const serverSeconds = cpuSecondsOf(serverPid);
  const began = performance.now();
  const receivedBefore = load.received;
  // A slow server may need longer than that for one message.
  const isMeasured = () => performance.now() - began >= durationMs && load.received > receivedBefore;
  poller.run(isMeasured, durationMs + PATIENCE_MS);
  const seconds = (performance.now() - began) / 1000;
  const count = load.received - receivedBefore;
  const { user, system } = process.cpuUsage(cpu);
  const serverCpuUs = ((cpuSecondsOf(serverPid) - serverSeconds) / count) * 1e6;
  const latency = load.latency.summary();
  drain(poller, load, perMessage);
  return { rate: count / seconds, serverCpuUs, latencyUs: latency, loadCpu: (user + system) / 1e6 / seconds };
}

/** What all threads of a process have used. */
function cpuSecondsOf(pid) {
  if (pid === undefined) return 0;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
  return (Number(user) + Number(system)) / TICKS_PER_SECOND;
}

function drain(poller, load, perMessage) {
  load.stop();
  poller.run(() => load.received >= load.sent * perMessage, DRAIN_TIMEOUT_MS);
  poller.runFor(SILENCE_MS);
  if (load.received === load.sent * perMessage) return;
  throw new Error(`Expected ${load.sent * perMessage} messages in all, received ${load.received}`);
}
