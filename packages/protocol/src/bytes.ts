/**
 * A queue over received chunks that never joins them: the first station of the data path. The frame parser peeks
 * into it with `byteAt` and takes from it with `take` and `takeAvailable`.
 */

/** Allocates `length` bytes; their content may be anything. */
export type Allocate = (length: number) => Uint8Array;

/**
 * Checks what a caller without types may have passed: anything else has no length in bytes, and would end in frames of
 * no known content. (`instanceof` would refuse the bytes of another realm.)
 *
 * @throws TypeError if it is no view of single bytes.
 */
export function checkIsBytes(value: unknown): void {
  if (ArrayBuffer.isView(value) && 'BYTES_PER_ELEMENT' in value && value.BYTES_PER_ELEMENT === 1) return;
  throw new TypeError(`Expected a Uint8Array, received ${Object.prototype.toString.call(value)}`);
}

/** Whether bytes can be kept by reference: the buffer that they keep alive is not much larger than they are. */
export function isWorthItsMemory(bytes: Uint8Array): boolean {
  return bytes.length * 2 >= bytes.buffer.byteLength;
}

/** Chunks shorter than this are copied together when they have to wait. */
const KEEP_BY_REFERENCE_FROM = 1024;

/** Received bytes, in order, in the chunks in which they came. */
export class ByteQueue {
  readonly #allocate: Allocate;
  /** The chunk that is being read, from `#position` on; the rest, if any, wait in `#later`, from `#next` on. */
  #chunk: Uint8Array = empty;
  /** The chunk's memory: asking a view for it is a call into the engine, which each small frame would pay for. */
  #memory: ArrayBufferLike = empty.buffer;
  #position = 0;
  #later: Uint8Array[] | undefined;
  #next = 0;
  #length = 0;

  constructor(allocate: Allocate) {
    this.#allocate = allocate;
  }

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Appends a chunk, by reference unless it is so small that its overhead would weigh more than it does. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#length === 0) this.#read(chunk);
    else if (chunk.length < KEEP_BY_REFERENCE_FROM) this.#pushSmall(chunk);
    else this.#wait(chunk);
    this.#length += chunk.length;
  }

  /** Lets go of a large buffer of which only a small rest is left to be read: an idle connection must not keep it. */
  compact(): void {
    const rest = this.#chunk.length - this.#position;
    if (rest === 0 || rest >= KEEP_BY_REFERENCE_FROM) return;
    if (this.#chunk.buffer.byteLength > 2 * rest) this.#joinFirst(empty);
  }

  /** The byte at `index` from the front; the caller has checked that it is there. */
  byteAt(index: number): number {
    const byte = this.#chunk[this.#position + index];
    return byte ?? this.#byteInLaterChunk(index - (this.#chunk.length - this.#position));
  }

  /** Drops `count` bytes; the caller has checked that they are there. */
  skip(count: number): void {
    this.#length -= count;
    for (let left = count; left > 0; ) {
      const step = Math.min(left, this.#chunk.length - this.#position);
      this.#position += step;
      left -= step;
      if (this.#position === this.#chunk.length) this.#nextChunk();
    }
  }

  /** Takes exactly `count` bytes, by reference if they lie in one chunk; the caller has checked that they are there. */
  take(count: number): Uint8Array {
    const first = this.takeAvailable(count);
    if (first.length === count) return first;
    const bytes = this.#allocate(count).subarray(0, count);
    bytes.set(first);
    for (let filled = first.length; filled < count; ) {
      const next = this.takeAvailable(count - filled);
      bytes.set(next, filled);
      filled += next.length;
    }
    return bytes;
  }

  /** Takes up to `count` bytes, as many as lie in the first chunk, by reference. */
  takeAvailable(count: number): Uint8Array {
    const start = this.#position;
    const end = Math.min(start + count, this.#chunk.length);
    const bytes = new Uint8Array(this.#memory, this.#chunk.byteOffset + start, end - start);
    this.#position = end;
    this.#length -= end - start;
    if (end === this.#chunk.length) this.#nextChunk();
    return bytes;
  }

  /** Drops everything. */
  clear(): void {
    this.#read(empty);
    this.#later = undefined;
    this.#next = 0;
    this.#length = 0;
  }

  /** Joins a small chunk to the last one while that is small too: what is copied again and again stays short. */
  #pushSmall(chunk: Uint8Array): void {
    const last = this.#later?.pop();
    if (last !== undefined) {
      if (last.length < KEEP_BY_REFERENCE_FROM) this.#wait(this.#join(last, chunk));
      else this.#wait(last, chunk);
    } else if (this.#chunk.length - this.#position < KEEP_BY_REFERENCE_FROM) this.#joinFirst(chunk);
    else this.#wait(chunk);
  }

  #wait(...chunks: readonly Uint8Array[]): void {
    this.#later ??= [];
    this.#later.push(...chunks);
  }

  #joinFirst(chunk: Uint8Array): void {
    this.#read(this.#join(this.#chunk.subarray(this.#position), chunk));
  }

  #join(first: Uint8Array, second: Uint8Array): Uint8Array {
    const joined = this.#allocate(first.length + second.length);
    joined.set(first);
    joined.set(second, first.length);
    return joined;
  }

  #read(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#memory = chunk.buffer;
    this.#position = 0;
  }

  #nextChunk(): void {
    const later = this.#later;
    this.#read(later?.[this.#next] ?? empty);
    if (later === undefined) return;
    later[this.#next] = empty;
    this.#next += 1;
    // A long array is moved when its first element goes, so half of it goes at once.
    if (this.#next * 2 < later.length) return;
    later.splice(0, this.#next);
    this.#next = 0;
    if (later.length === 0) this.#later = undefined;
  }

  #byteInLaterChunk(index: number): number {
    let left = index;
    const later = this.#later ?? [];
    for (let i = this.#next; i < later.length; i++) {
      const chunk = later[i] ?? empty;
      const byte = chunk[left];
      if (byte !== undefined) return byte;
      left -= chunk.length;
    }
    throw new RangeError(`Expected a byte inside the queue, received an index ${left} bytes past its end`);
  }
}

const empty: Uint8Array = new Uint8Array(0);
