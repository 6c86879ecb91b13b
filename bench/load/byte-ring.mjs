/**
 * A cycle of messages as the bytes that they are on the wire, encoded once: what connections send, and what they have
 * to receive. A writer and a reader each stand somewhere in the cycle; neither of them looks at a byte in JavaScript.
 * Below: `system-calls.mjs`; above: `connection.mjs`.
 */
import { addressOf, copyOf, isEqual, send } from './system-calls.mjs';

/** The cycle, twice in a row, so that whatever is shorter than it lies in one piece from anywhere. */
export class ByteRing {
  /** Where each message begins, and where the one after it does. */
  starts = [];
  ends = [];
  length = 0;
  #bytes;

  /**
   * @param pieces The messages, each with its framing.
   * @param readOther Where other bytes for message `index` end that say the same (a compressor may find another way to);
   *   undefined if they are not all there; throws if they say something else. Without it there are none.
   */
  constructor(pieces, readOther) {
    this.readOther = readOther;
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
  /** What has come of a message that does not come as the ring has it. */
  #other;

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
      const size = this.#equalFrom(address + done, length - done);
      if (size > 0) {
        count += this.#advance(size);
        done += size;
      } else {
        const { taken, isComplete } = this.#takeOther(address + done, length - done);
        count += isComplete ? 1 : 0;
        done += taken;
      }
    }
    return count;
  }

  /** How many bytes are the ring's: all up to where it lies in one piece, or those up to the next message's end, or none. */
  #equalFrom(address, length) {
    if (this.#other !== undefined) return 0;
    const { ends, address: start, length: cycle } = this.#ring;
    const whole = Math.min(length, 2 * cycle - this.#position);
    if (isEqual(start + this.#position, address, whole)) return whole;
    const one = Math.min(length, ends[this.#next] - this.#position);
    return isEqual(start + this.#position, address, one) ? one : 0;
  }

  /** Takes bytes of a message that does not come as the ring has it. */
  #takeOther(address, length) {
    const { starts, readOther, address: start } = this.#ring;
    if (readOther === undefined) throw this.#mismatch();
    const begun = this.#other ?? copyOf(start + starts[this.#next], this.#position - starts[this.#next]);
    this.#other = Buffer.concat([begun, copyOf(address, length)]);
    const end = readOther(this.#other, this.#next);
    if (end === undefined) return { taken: length, isComplete: false };
    this.#other = undefined;
    this.#next = this.#next + 1 === starts.length ? 0 : this.#next + 1;
    this.#position = starts[this.#next];
    return { taken: end - begun.length, isComplete: true };
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
