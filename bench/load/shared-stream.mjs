/**
 * What all subscribers of a channel receive: the same bytes, but none that were known before, for they tell the time.
 * Whoever is the first to receive some has them taken apart and checked, and everybody else is compared with that. So
 * each message is read once, and each delivery costs a `memcmp`. Above: `hub-fan-out.mjs`.
 */
import { readFrame } from './frames.mjs';
import { addressOf, isEqual } from './system-calls.mjs';

/** What a message may be longer than its content. */
const HEAD_BYTES = 512;

/** The last messages that came to anybody, as the bytes that they are on the wire. */
export class SharedStream {
  /** How many bytes and messages came in all. */
  length = 0;
  count = 0;
  /** Where the last messages end, by their numbers. */
  #ends;
  #frameLimit;
  #bytes;
  #address;
  /** What came of the message that is not complete. */
  #rest = Buffer.alloc(0);
  #check;

  /**
   * @param inFlight How many messages are on their way at most: of those before them nobody waits for any.
   * @param messageLength The length of their content.
   * @param check Called with each frame and its number; throws if it is not what it has to be.
   */
  constructor(inFlight, messageLength, check) {
    this.#ends = new Float64Array(inFlight + 1);
    this.#frameLimit = messageLength + HEAD_BYTES;
    this.#bytes = Buffer.alloc((inFlight + 1) * this.#frameLimit);
    this.#address = addressOf(this.#bytes);
    this.#check = check;
  }

  /** Where a message ends that came to somebody. */
  endOf(number) {
    return this.#ends[number % this.#ends.length];
  }

  /** How many bytes lie in one piece from a position on. */
  runAt(position) {
    return this.#bytes.length - (position % this.#bytes.length);
  }

  /** Whether the bytes are those that somebody received from this position on. */
  isSame(position, address, length) {
    return isEqual(this.#address + (position % this.#bytes.length), address, length);
  }

  /** Takes what nobody has received before. */
  append(bytes) {
    this.#keep(bytes);
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let frame = readFrame(this.#rest); frame !== undefined; frame = readFrame(this.#rest)) {
      if (frame.end > this.#frameLimit)
        throw new Error(`Expected a message of ${this.#frameLimit} bytes at most`);
      this.#check(frame, this.count);
      this.#rest = this.#rest.subarray(frame.end);
      this.#ends[this.count % this.#ends.length] = this.length - this.#rest.length;
      this.count++;
    }
  }

  #keep(bytes) {
    const at = this.length % this.#bytes.length;
    const first = Math.min(bytes.length, this.#bytes.length - at);
    this.#bytes.set(bytes.subarray(0, first), at);
    this.#bytes.set(bytes.subarray(first), 0);
    this.length += bytes.length;
  }
}

/** One subscriber's place in the stream. */
export class SharedReader {
  #stream;
  #position = 0;
  #count = 0;

  constructor(stream) {
    this.#stream = stream;
  }

  /**
   * Takes bytes that were received.
   *
   * @param address Where they lie, which is where `inbox` begins.
   * @returns How many messages they complete.
   * @throws Error if they are not what they have to be.
   */
  take(address, length, inbox) {
    const stream = this.#stream;
    const known = Math.min(length, stream.length - this.#position);
    for (let done = 0; done < known; ) {
      const size = Math.min(known - done, stream.runAt(this.#position));
      if (!stream.isSame(this.#position, address + done, size)) throw this.#mismatch();
      this.#position += size;
      done += size;
    }
    if (known < length) {
      stream.append(inbox.subarray(known, length));
      this.#position = stream.length;
    }
    return this.#advance();
  }

  #advance() {
    const before = this.#count;
    while (this.#count < this.#stream.count && this.#stream.endOf(this.#count) <= this.#position)
      this.#count++;
    return this.#count - before;
  }

  #mismatch() {
    return new Error(`Expected the bytes of message ${this.#count} that others received, received others`);
  }
}
