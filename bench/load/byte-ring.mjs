/**
 * A cycle of messages as the bytes that they are on the wire, encoded once: what connections send, and what they have
 * to receive. A writer and a reader each stand somewhere in the cycle; neither of them looks at a byte in JavaScript.
 * Below: `system-calls.mjs`; above: `connection.mjs`.
 */
import { addressOf, isEqual, send } from './system-calls.mjs';

/** The cycle, twice in a row, so that whatever is shorter than it lies in one piece from anywhere. */
export class ByteRing {
  /** Where each message begins, and where the one after it does. */
  starts = [];
  ends = [];
  length = 0;
  #bytes;

  /** @param pieces The messages, each with its framing. */
  constructor(pieces) {
    for (const { length } of pieces) {
      this.starts.push(this.length);
      this.length += length;
      this.ends.push(this.length);
    }
    this.#bytes = Buffer.concat([...pieces, ...pieces]);
    this.address = addressOf(this.#bytes);
  }

  get count() {
    return this.ends.length;
  }

  /** Changes one byte of the cycle. */
  set(position, byte) {
    this.#bytes[position] = byte;
    this.#bytes[position + this.length] = byte;
  }
}

/** Sends messages of a ring, in their order. */
export class RingWriter {
  #socket;
  #ring;
  /** The next message to be sent. */
  #next;
  /** Where the bytes begin that the kernel has not taken, and how many they are. */
  #position;
  #waiting = 0;

  constructor(socket, ring, first) {
    this.#socket = socket;
    this.#ring = ring;
    this.#next = first;
    this.#position = ring.starts[first];
  }

  get isWaiting() {
    return this.#waiting > 0;
  }

  /** Sends so many messages more. @returns Whether the kernel took it all. */
  send(count) {
    const { starts, ends } = this.#ring;
    for (let i = 0; i < count; i++) {
      this.#waiting += ends[this.#next] - starts[this.#next];
      this.#next = this.#next + 1 === ends.length ? 0 : this.#next + 1;
    }
    return this.flush();
  }

  flush() {
    const { address, length } = this.#ring;
    while (this.#waiting > 0) {
      const size = Math.min(this.#waiting, 2 * length - this.#position);
      const taken = send(this.#socket, address + this.#position, size);
      if (taken <= 0) return false;
      this.#waiting -= taken;
      this.#position = (this.#position + taken) % length;
    }
    return true;
  }
}

/** Compares what comes with a ring, and counts the messages in it. */
export class RingReader {
  #ring;
  #next;
  #position;

  constructor(ring, first) {
    this.#ring = ring;
    this.#next = first;
    this.#position = ring.starts[first];
  }

  /**
   * Takes bytes that were received.
   *
   * @param address Where they lie.
   * @returns How many messages they complete.
   * @throws Error if a byte is not what it has to be.
   */
  take(address, length) {
    let count = 0;
    for (let done = 0; done < length; ) {
      const size = Math.min(length - done, 2 * this.#ring.length - this.#position);
      if (!isEqual(this.#ring.address + this.#position, address + done, size)) throw this.#mismatch();
      count += this.#advance(size);
      done += size;
    }
    return count;
  }

  #advance(size) {
    const { ends, length } = this.#ring;
    let count = 0;
    this.#position += size;
    while (this.#position >= ends[this.#next]) {
      count++;
      this.#next++;
      if (this.#next < ends.length) continue;
      this.#next = 0;
      this.#position -= length;
    }
    return count;
  }

  #mismatch() {
    return new Error(`Expected the bytes of message ${this.#next} of the cycle, received others`);
  }
}
