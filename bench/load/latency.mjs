/** Round-trip times of messages in flight, first in, first out, in one histogram (HdrHistogram, in nanoseconds). */
import { build } from 'hdr-histogram-js';

const LONGEST_NS = 60_000_000_000;
const SIGNIFICANT_DIGITS = 2;
const NS_PER_MS = 1_000_000;

/** The times of all connections of a load. */
export class LatencyRecord {
  #histogram = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1000,
    highestTrackableValue: LONGEST_NS,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  });

  add(sinceMs, untilMs, count) {
    this.#histogram.recordValueWithCount(Math.round((untilMs - sinceMs) * NS_PER_MS), count);
  }

  clear() {
    this.#histogram.reset();
  }

  /** In microseconds; undefined if no message has come back. */
  summary() {
    if (this.#histogram.totalCount === 0) return undefined;
    const at = (percentile) => this.#histogram.getValueAtPercentile(percentile) / 1000;
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: this.#histogram.maxValue / 1000 };
  }
}

/** When the messages in flight on one connection were sent. */
export class InFlight {
  #sentAt;
  #head = 0;
  #tail = 0;

  constructor(capacity) {
    this.#sentAt = new Float64Array(capacity);
  }

  push(now, count) {
    for (let i = 0; i < count; i++) {
      this.#sentAt[this.#tail] = now;
      this.#tail = this.#after(this.#tail);
    }
  }

  /** The oldest `count` have been answered. */
  settle(now, count, record) {
    for (let left = count; left > 0; ) {
      const sentAt = this.#sentAt[this.#head];
      let same = 0;
      for (; same < left && this.#sentAt[this.#head] === sentAt; same++) this.#head = this.#after(this.#head);
      record.add(sentAt, now, same);
      left -= same;
    }
  }

  #after(index) {
    return index + 1 === this.#sentAt.length ? 0 : index + 1;
  }
}
