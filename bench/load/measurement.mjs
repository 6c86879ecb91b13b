/**
 * The course of every load: warm up, measure for a while, then send no more and wait until the last answer is in, so
 * that what was sent and what came can be counted against each other.
 */
import process from 'node:process';

const DRAIN_TIMEOUT_MS = 20_000;
const PATIENCE_MS = 20_000;
/** How long after the last answer nothing more may come. */
const SILENCE_MS = 20;

/**
 * @param load What is driven: counts what it has `sent` and `received`, sends until `stop`, and keeps `latency`.
 * @param perMessage How many deliveries one message leads to.
 */
export function measure(poller, load, { warmUpMs, durationMs, perMessage }) {
  poller.runFor(warmUpMs);
  load.latency.clear();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const receivedBefore = load.received;
  // A slow server may need longer than that for one message.
  const isMeasured = () => performance.now() - began >= durationMs && load.received > receivedBefore;
  poller.run(isMeasured, durationMs + PATIENCE_MS);
  const seconds = (performance.now() - began) / 1000;
  const count = load.received - receivedBefore;
  const { user, system } = process.cpuUsage(cpu);
  const latency = load.latency.summary();
  drain(poller, load, perMessage);
  return { rate: count / seconds, latencyUs: latency, loadCpu: (user + system) / 1e6 / seconds };
}

function drain(poller, load, perMessage) {
  load.stop();
  poller.run(() => load.received >= load.sent * perMessage, DRAIN_TIMEOUT_MS);
  poller.runFor(SILENCE_MS);
  if (load.received === load.sent * perMessage) return;
  throw new Error(`Expected ${load.sent * perMessage} messages in all, received ${load.received}`);
}
